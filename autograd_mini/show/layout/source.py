"""DOT source as data: nodes, edges, frames, and which nodes share a rank.

This file knows the grammar of DOT, of directed graphs. It must not know what attributes mean.
"""

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"""\s+ | //[^\n]* | /\*.*?\*/ | ^\#[^\n]*
    | (?P<quoted>"(?:[^"\\]|\\.)*") | (?P<mark>->|--|[][{};,=:+])
    | (?P<word>-?(?:\d+\.?\d*|\.\d+) | [^\W\d]\w*) | (?P<html><)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_HTML = re.compile("[<>]")
Attributes = dict[str, str]


class Edge(NamedTuple):
    """An arrow between two nodes, by their names."""

    tail: str
    head: str
    attributes: Attributes


class Source:
    """What a DOT source says. Frames are its subgraphs named cluster…, by their names.

    Raises ValueError for what is no DOT, and for graphs without directions.

    >>> found = Source('digraph { node [shape=box] subgraph cluster_0 { a [label=<<B>a</B>>] } '
    ...     'a -> b -> c [color="#AAAAAA"] {rank=same b c} }')
    >>> found.nodes["a"]
    {'shape': 'box', 'label': '<<B>a</B>>'}
    >>> [(edge.tail, edge.head) for edge in found.edges], [*found.frames["cluster_0"].members]
    ([('a', 'b'), ('b', 'c')], ['a'])
    >>> found.same
    [['b', 'c']]
    """

    def __init__(self, text: str) -> None:
        self.nodes: dict[str, Attributes] = {}
        self.edges: list[Edge] = []
        self.frames: dict[str, _Scope] = {}
        self.same: list[list[str]] = []
        self._tokens = [*_tokens(text), ""]
        self._at = 0
        self.name = ""
        while self._peek() != "{":
            token = self._next()
            if token in ("graph", ""):
                raise ValueError("this is no DOT source of a directed graph")
            self.name = "" if token in ("strict", "digraph") else _unquoted(token)
        self.whole = _Scope("", {}, {}, {}, {})
        self._body(self.whole)

    def _peek(self) -> str:
        return self._tokens[self._at]

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _name(self) -> str:
        name = _unquoted(self._next())
        while self._peek() == ":":  # a port
            self._at += 2
        return name

    def _attributes(self) -> Attributes:
        found: Attributes = {}
        while self._peek() == "[":
            self._next()
            while (key := self._next()) not in ("]", ""):
                if self._peek() == "=":
                    self._next()
                    found[_unquoted(key)] = _unquoted(self._next())
        return found

    def _body(self, scope: "_Scope") -> None:
        """All statements up to the closing brace."""
        self._next()
        while (token := self._peek()) not in ("}", ""):
            if token in (";", ","):
                self._next()
            elif token in ("graph", "node", "edge") and self._tokens[self._at + 1] == "[":
                kinds = {"graph": scope.graph, "node": scope.node, "edge": scope.edge}
                self._next()
                kinds[token] |= self._attributes()
            elif self._tokens[self._at + 1] == "=":
                key = _unquoted(self._next())
                self._next()
                scope.graph[key] = _unquoted(self._next())
            else:
                self._statement(scope)
        self._next()

    def _statement(self, scope: "_Scope") -> None:
        """A node, a subgraph, or a row of either with arrows between."""
        ends: list[list[str]] = []
        while True:
            single = self._peek() not in ("subgraph", "{")
            ends.append([self._name()] if single else self._subgraph(scope))
            if single:
                self._node(scope, ends[-1][0])
            if self._peek() != "->":
                break
            self._next()
        given = self._attributes()
        if len(ends) == 1 and single:
            self.nodes[ends[0][0]] |= given
        for tails, heads in itertools.pairwise(ends):
            pairs = ((tail, head) for tail in tails for head in heads)
            self.edges += [Edge(tail, head, scope.edge | given) for tail, head in pairs]

    def _subgraph(self, outer: "_Scope") -> list[str]:
        name = ""
        if self._peek() == "subgraph":
            self._next()
            name = self._name() if self._peek() != "{" else ""
        graph = {k: v for k, v in outer.graph.items() if k not in ("label", "rank")}
        scope = _Scope(name, graph, dict(outer.node), dict(outer.edge), {})
        self._body(scope)
        if name.startswith("cluster"):
            self.frames[name] = scope
        if scope.graph.get("rank") in ("same", "min", "max", "source", "sink"):
            self.same.append(list(scope.members))
        outer.members.update(scope.members)
        return list(scope.members)

    def _node(self, scope: "_Scope", name: str) -> None:
        self.nodes.setdefault(name, dict(scope.node))
        scope.members[name] = None


class _Scope(NamedTuple):
    """The whole or a subgraph: what holds in it, and the nodes that it names."""

    name: str
    graph: Attributes
    node: Attributes
    edge: Attributes
    members: dict[str, None]


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"this is no DOT source: {text[at : at + 20]!r}")
        start, at = at, match.end()
        if match["html"]:
            depth = 1
            while depth:
                bracket = _HTML.search(text, at)
                if bracket is None:
                    raise ValueError(f"a bracket is not closed: {text[start : start + 20]!r}")
                depth += 1 if bracket[0] == "<" else -1
                at = bracket.end()
            yield text[start:at]
        elif match.lastgroup is not None:
            yield match[0]


def _unquoted(token: str) -> str:
    r"""What a token stands for; the escapes of labels, such as `\n`, stay in it."""
    if token.startswith('"'):
        return token[1:-1].replace("\\\n", "").replace('\\"', '"')
    return token
