"""What the service would be without all that it does: FastAPI, SQLModel, one table, one route."""

import sys
from collections.abc import Iterator
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from sqlmodel import Field, Session, SQLModel, create_engine

TABLE = "observation"


class Observation(SQLModel, table=True):
    """A row of the plain table, as far as it is told."""

    __tablename__ = TABLE

    id: str = Field(primary_key=True)
    metric: str
    value: float | None
    unit: str
    year: int


def make_app(path: str) -> FastAPI:
    """The application over the file with the plain table."""
    engine = create_engine(f"sqlite:///{path}")
    app = FastAPI()

    def open_session() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    @app.get(f"/{TABLE}/{{record_id}}")
    def answer_record(
        record_id: str, session: Annotated[Session, Depends(open_session)]
    ) -> Observation:
        found = session.get(Observation, record_id)
        if found is None:
            raise HTTPException(404)
        return found

    return app


if __name__ == "__main__":
    uvicorn.run(make_app(sys.argv[1]), port=int(sys.argv[2]), log_config=None)
