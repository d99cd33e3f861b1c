"""Folds over observations: metrics, quality, snapshots, logs."""
