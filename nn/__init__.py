"""Neural networks on autograd_mini: the lesson's network, its costs, its data and its training."""

from nn.checkpoint import Checkpoint as Checkpoint
from nn.checkpoint import CheckpointError as CheckpointError
from nn.checkpoint import load as load
from nn.checkpoint import save as save
from nn.data import MNIST as MNIST
from nn.data import batches as batches
from nn.data import load_mnist as load_mnist
from nn.data import read_idx as read_idx
from nn.init import Initialiser as Initialiser
from nn.init import glorot as glorot
from nn.init import he as he
from nn.init import standard_normal as standard_normal
from nn.layers import MLP as MLP
from nn.layers import Linear as Linear
from nn.layers import ReLU as ReLU
from nn.layers import Sequential as Sequential
from nn.layers import Sigmoid as Sigmoid
from nn.layers import Softmax as Softmax
from nn.layers import Tanh as Tanh
from nn.losses import binary_cross_entropy as binary_cross_entropy
from nn.losses import cross_entropy as cross_entropy
from nn.losses import mse_loss as mse_loss
from nn.losses import one_hot as one_hot
from nn.losses import quadratic_cost as quadratic_cost
from nn.module import Module as Module
