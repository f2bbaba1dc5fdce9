"""Flask-SQLAlchemy as the owner of URL, metadata and engine in the web application.

Its `db.session` and `db.Model` are not used: they would bring a second way to the data, tied to a request.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine

from adapters.persistence.engine import prepared
from adapters.persistence.tables import metadata


def make_database() -> SQLAlchemy:
    """The extension, over the product's own tables."""
    return SQLAlchemy(metadata=metadata)


def engine_of(database: SQLAlchemy, app: Flask, url: str, **options: Any) -> Engine:
    """Bind the extension to the app with this URL; the engine it made, prepared for units of work.

    `options` go to `create_engine`. Call once per app, before anything connects.
    """
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True, **options}
    database.init_app(app)
    with app.app_context():
        return prepared(database.engine)
