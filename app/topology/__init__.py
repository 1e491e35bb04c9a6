"""How devices hang together: what they tell of their neighbours beside what the record says (REQUIREMENTS A3)."""

from app.topology.graph import Edge, Node, Topology, topology

__all__ = ["Edge", "Node", "Topology", "topology"]
