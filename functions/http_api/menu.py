"""The menu in requests and answers."""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from http_api.web import check_typed
from orders.menu import Menu
from orders.texts import MAX_TYPED

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TYPED),
    AfterValidator(check_typed),
]


class MenuItem(BaseModel):
    """A drink. If it has sizes, an order names one of them."""

    name: Name
    sizes: Annotated[list[Name], Field(max_length=10)] = []
    soldOut: StrictBool = False


class MenuExtra(BaseModel):
    """What a drink can be ordered with."""

    name: Name
    soldOut: StrictBool = False


class MenuGroup(BaseModel):
    """Extras of which an order may have one, or any."""

    name: Name
    choose: Literal["one", "any"]
    extras: Annotated[list[MenuExtra], Field(max_length=30)]


class MenuView(BaseModel):
    """The menu, in the order in which it is offered."""

    items: list[MenuItem]
    groups: list[MenuGroup] = []
    version: Annotated[int, Field(ge=0, strict=True, description="Counts the changes")]

    @classmethod
    def of(cls, menu: Menu) -> Self:
        return cls.model_validate(menu.write())


class NewMenu(MenuView):
    """A menu in place of the one with its version. No two drinks or extras share a name."""

    items: Annotated[list[MenuItem], Field(max_length=60)]
    groups: Annotated[list[MenuGroup], Field(max_length=10)] = []

    @model_validator(mode="after")
    def require_different_names(self) -> Self:
        """So that a name says what is sold out."""
        of_drinks = Menu.read(self.model_dump()).names
        for names in (of_drinks, *(item.sizes for item in self.items)):
            for name in names:
                if names.count(name) > 1:
                    raise PydanticCustomError("twice", "{name} is there twice", {"name": name})
        return self
