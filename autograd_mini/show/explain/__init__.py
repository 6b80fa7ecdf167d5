"""The chain rule written out. Read chain_rule.py first; it leads to paths.py and zoom.py."""

from autograd_mini.show.explain.chain_rule import Explanation as Explanation
from autograd_mini.show.explain.chain_rule import Factor as Factor
from autograd_mini.show.explain.chain_rule import Path as Path
from autograd_mini.show.explain.chain_rule import explain as explain
