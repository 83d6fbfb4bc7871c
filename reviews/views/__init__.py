"""Pages of the reviews, of a child, of my work and of the dashboards."""
