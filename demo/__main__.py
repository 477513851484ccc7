"""``python -m demo`` is ``jiaohao-demo``."""

import sys

from demo.main import main

sys.exit(main())
