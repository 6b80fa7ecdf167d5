"""Why the mutants that all tests accept are right as well.

By function (a rule that is a lambda by its op), and by change.
"""

REASONS = {
    "_power_x": {
        "1 → 2": "a short cut up to another power; the next line gives the same",
        "1.0 → 2.0": "an exponent where the factor y is 0",
    },
    "_sum_x": {"default 0 = None → default 0 = 0": "one number is spread alike from any axis"},
    "folded": {"0 → 1": "the fold of one axis is one number, spread alike without that axis"},
    "_logsumexp_x": {
        "default 0 = None → default 0 = 0": "one number is spread alike from any axis",
    },
    "_power_norm_x": {
        "1.0 → 2.0": "in a branch that is not taken, or divides 0",
        "default 1 = None → default 1 = 0": "one number is spread alike from any axis",
    },
    "_matmul_y": {"-1 → 1": "the last axis of two"},
    "_product": {
        "type(y) is np.ndarray → type(y) is not np.ndarray": "two ways to the same product"
    },
    "_spelled": {
        "'.' → '.?'": "the dots come in threes, and only single letters count",
        "'' → '?'": "the dots come in threes, and only single letters count",
        "True → False": "lists that are equally long",
    },
    "_cofactors_x": {
        "np.linalg.cond(plain(x)) < 1000000.0 → np.linalg.cond(plain(x)) <= 1000000.0": (
            "two ways to the same cofactors"
        ),
        "1000000.0 → 1000001.0": "two ways to the same cofactors",
        "n > 1 → n >= 1": "one element has no minors",
        "0 → 1": "one element has no minors",
        "i + j → i - j": "of the same parity",
        "-1 → 1": "the axes of a square",
        "1 → 2": "the axes of a square",
    },
    "_svd_x": {
        "m > n → m >= n": "adds 0 to the share of a square",
        "n > m → n >= m": "adds 0 to the share of a square",
    },
    "_qr_x": {"n > m → n >= m": "adds no columns to those of a square"},
    "_cross_entropy_x": {
        "out < np.inf → out <= np.inf": "a short cut; where no class is possible, see below"
    },
    "like": {"'astype' → 'astype?'": "the same array; for stand-ins test_program.py rejects it"},
    "_half": {"1 → 2": "the axes of a square"},
    "_eigh_x": {"1 → 2": "the axes of a square"},
    "squeeze": {"default 0 = None → default 0 = 0": "the rule does not use it"},
    "astype": {"default 0 = True → default 0 = False": "the rule does not use it"},
}
