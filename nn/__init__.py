"""Neural networks on autograd_mini: the lesson's network, its costs, its data and its training."""

from nn.data.augment import shift_images as shift_images
from nn.data.batches import batches as batches
from nn.data.mnist import MNIST as MNIST
from nn.data.mnist import load_mnist as load_mnist
from nn.data.mnist import read_idx as read_idx
from nn.lesson.descents import Descents as Descents
from nn.lesson.descents import two_descents as two_descents
from nn.lesson.nudges import Nudges as Nudges
from nn.lesson.nudges import nudges as nudges
from nn.lesson.sensitivity import Sensitivities as Sensitivities
from nn.lesson.sensitivity import sensitivities as sensitivities
from nn.model.init import Initialiser as Initialiser
from nn.model.init import glorot as glorot
from nn.model.init import he as he
from nn.model.init import standard_normal as standard_normal
from nn.model.layers import MLP as MLP
from nn.model.layers import Linear as Linear
from nn.model.layers import ReLU as ReLU
from nn.model.layers import Sequential as Sequential
from nn.model.layers import Sigmoid as Sigmoid
from nn.model.layers import Softmax as Softmax
from nn.model.layers import Tanh as Tanh
from nn.model.losses import binary_cross_entropy as binary_cross_entropy
from nn.model.losses import cross_entropy as cross_entropy
from nn.model.losses import mse_loss as mse_loss
from nn.model.losses import one_hot as one_hot
from nn.model.losses import quadratic_cost as quadratic_cost
from nn.model.module import Module as Module
from nn.pictures.lesson import draw_activations as draw_activations
from nn.pictures.lesson import draw_descents as draw_descents
from nn.pictures.lesson import draw_nudges as draw_nudges
from nn.pictures.network import NetworkPicture as NetworkPicture
from nn.pictures.network import draw_network as draw_network
from nn.pictures.training import draw_gradients as draw_gradients
from nn.pictures.training import draw_neurons as draw_neurons
from nn.pictures.training import draw_training as draw_training
from nn.training.checkpoint import Checkpoint as Checkpoint
from nn.training.checkpoint import CheckpointError as CheckpointError
from nn.training.checkpoint import load as load
from nn.training.checkpoint import resume as resume
from nn.training.checkpoint import save as save
from nn.training.checkpoint import save_run as save_run
from nn.training.evaluation import evaluate as evaluate
from nn.training.history import Epoch as Epoch
from nn.training.history import History as History
from nn.training.loop import fit as fit
from nn.training.optim import SGD as SGD
from nn.training.optim import Adam as Adam
from nn.training.optim import AdamW as AdamW
from nn.training.optim import Optimizer as Optimizer
from nn.training.ranks import RanksError as RanksError
from nn.training.ranks import mpi_world as mpi_world
from nn.training.schedules import cosine as cosine
from nn.training.schedules import exponential as exponential
from nn.training.schedules import step_decay as step_decay

__all__ = [
    "MLP", "MNIST", "SGD", "Adam", "AdamW", "Checkpoint", "CheckpointError", "Descents",
    "Epoch", "History", "Initialiser", "Linear", "Module", "NetworkPicture", "Nudges",
    "Optimizer", "RanksError", "ReLU", "Sensitivities", "Sequential", "Sigmoid", "Softmax",
    "Tanh", "batches", "binary_cross_entropy", "cosine", "cross_entropy", "draw_activations",
    "draw_descents", "draw_gradients", "draw_network", "draw_neurons", "draw_nudges",
    "draw_training", "evaluate", "exponential", "fit", "glorot", "he", "load", "load_mnist",
    "mpi_world", "mse_loss", "nudges", "one_hot", "quadratic_cost", "read_idx", "resume",
    "save", "save_run", "sensitivities", "shift_images", "standard_normal", "step_decay",
    "two_descents",
]  # fmt: skip


def __dir__() -> list[str]:
    return __all__
