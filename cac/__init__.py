"""The centre: one web app for ventanillas, areas, treasury, supervision and the citizen's pages. One folder a feature."""
