"""Figures that come from the flow itself: declared once, filled per village and month, summed upwards."""
