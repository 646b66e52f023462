"""RabbitMQ: the real transport, and the only package that knows pika.

Each connection lives on an I/O thread of its own and comes back by itself; channels are touched on that thread only.
Consuming and publishing use separate connections: a broker short of memory or disk blocks publishers, not consumers.
"""

from pipeline.rabbit.consumer import RabbitConsumer
from pipeline.rabbit.objects import declare, delete, depths, drain
from pipeline.rabbit.publisher import RabbitPublisher

__all__ = ["RabbitConsumer", "RabbitPublisher", "declare", "delete", "depths", "drain"]
