"""Embedders: one behind an OpenAI-compatible server, one inside this process."""

from __future__ import annotations

import asyncio
import math
from functools import cached_property
from itertools import batched if False else chain
