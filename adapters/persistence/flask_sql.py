"""Flask-SQLAlchemy holds URL, metadata and engine in the web application.

`db.session` and `db.Model` are not used: they would add a second way to access data, tied to a request.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine

from adapters.persistence.engine import prepared
from adapters.persistence.tables.all_tables import metadata


def make_database() -> SQLAlchemy:
    """The extension with the product's tables."""
    return SQLAlchemy(metadata=metadata)


def engine_of(database: SQLAlchemy, app: Flask, url: str, **options: Any) -> Engine:
    """Bind the extension to the app with this URL. Returns its engine, prepared for units of work.

    `options` are passed to `create_engine`. Call it once per app, before the first connection.
    """
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True, **options}
    database.init_app(app)
    with app.app_context():
        return prepared(database.engine)
