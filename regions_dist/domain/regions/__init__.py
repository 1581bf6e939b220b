"""The six region types."""

from regions_dist.domain.region import BaseRegion
from regions_dist.domain.regions.broadcast import BroadcastRegion
from regions_dist.domain.regions.feed_forward import FeedForwardRegion
from regions_dist.domain.regions.listener import ListenerRegion
from regions_dist.domain.regions.llm import Region
from regions_dist.domain.regions.rag import RAGRegion

__all__ = [
    "BaseRegion",
    "BroadcastRegion",
    "FeedForwardRegion",
    "ListenerRegion",
    "RAGRegion",
    "Region",
]
