"""The colours of all pictures: Okabe and Ito's, which colour-blind eyes can tell apart, and greys.

This file knows colours. It must not know what is drawn with them.
"""

BLUE, ORANGE = "#0072B2", "#E69F00"
GREY, DARK = "#767676", "#555555"
LEAF_FILL, FOLD_FILL, ALARM = "#FFF6D5", "#ECECEC", "#D55E00"
