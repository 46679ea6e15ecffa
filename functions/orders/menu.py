"""The menu: what can be ordered on the page, and in which words an order says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from orders.outcomes import Refusal
from orders.texts import read_typed


class NotOnMenu(Exception):
    """A drink can't be ordered now; the message says which part of it, and what to do."""

    refusal = Refusal.NOT_ON_MENU


@dataclass(frozen=True)
class Extra:
    """What a drink can be ordered with."""

    name: str
    sold_out: bool = False


@dataclass(frozen=True)
class Group:
    """Extras of which an order may have one, or any."""

    name: str
    only_one: bool
    extras: tuple[Extra, ...]


@dataclass(frozen=True)
class Item:
    """A drink. If it has sizes, an order names one of them."""

    name: str
    sizes: tuple[str, ...] = ()
    sold_out: bool = False


@dataclass(frozen=True)
class Menu:
    """Drinks in the order in which they are offered. No two drinks or extras share a name.

    ``version`` counts the changes, so that nobody overwrites somebody else's.
    """

    items: tuple[Item, ...]
    groups: tuple[Group, ...] = ()
    version: int = 0

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Menu:
        """What ``write`` has made a mapping of. Raises KeyError, TypeError or ValueError."""
        items = tuple(
            Item(_name(item), tuple(map(_typed, item["sizes"])), item["soldOut"] is True)
            for item in kept["items"]
        )
        groups = tuple(
            Group(
                _name(group),
                group["choose"] == "one",
                tuple(Extra(_name(extra), extra["soldOut"] is True) for extra in group["extras"]),
            )
            for group in kept["groups"]
        )
        return cls(items, groups, int(kept["version"]))

    def write(self) -> dict[str, Any]:
        """The menu for the table and for the API."""
        return {
            "items": [
                {"name": item.name, "sizes": list(item.sizes), "soldOut": item.sold_out}
                for item in self.items
            ],
            "groups": [
                {
                    "name": group.name,
                    "choose": "one" if group.only_one else "any",
                    "extras": [
                        {"name": extra.name, "soldOut": extra.sold_out} for extra in group.extras
                    ],
                }
                for group in self.groups
            ],
            "version": self.version,
        }

    @property
    def names(self) -> list[str]:
        """Of all that can be sold out."""
        return [item.name for item in self.items] + [extra.name for extra in self._extras()]

    def mark(self, name: str, *, sold_out: bool) -> Menu:
        """The menu with a drink or an extra sold out, or there again."""

        def marked[Part: (Item, Extra)](parts: Iterable[Part]) -> tuple[Part, ...]:
            return tuple(
                replace(part, sold_out=sold_out) if part.name == name else part for part in parts
            )

        groups = tuple(replace(group, extras=marked(group.extras)) for group in self.groups)
        return replace(self, items=marked(self.items), groups=groups)

    def word(self, name: str, size: str | None, extras: Iterable[str]) -> str:
        """What an order says: "Latte, large, oat milk". Raises NotOnMenu.

        The extras stand in the order of the menu, however they were chosen.
        """
        item = next((item for item in self.items if item.name == name), None)
        chosen = set(extras)
        if item is None:
            raise NotOnMenu(f"{name} is not on the menu. Choose another drink.")
        if item.sold_out:
            raise NotOnMenu(f"{name} is sold out. Choose another drink.")
        if (size is None) == bool(item.sizes) or size not in (None, *item.sizes):
            raise NotOnMenu(f"{name} has other sizes. Choose again.")
        for unknown in sorted(chosen - {extra.name for extra in self._extras()}):
            raise NotOnMenu(f"{unknown} is not on the menu. Choose again.")
        for group in self.groups:
            of_group = [extra for extra in group.extras if extra.name in chosen]
            for extra in of_group:
                if extra.sold_out:
                    raise NotOnMenu(f"{extra.name} is sold out. Choose again.")
            if group.only_one and len(of_group) > 1:
                raise NotOnMenu(f"Choose one of these only: {group.name}.")
        parts = [name, size, *(extra.name for extra in self._extras() if extra.name in chosen)]
        return ", ".join(filter(None, parts))

    def _extras(self) -> Iterator[Extra]:
        return (extra for group in self.groups for extra in group.extras)


def _name(kept: Mapping[str, Any]) -> str:
    return _typed(kept["name"])


def _typed(kept: object) -> str:
    text = read_typed(kept)
    if text is None:
        raise ValueError(kept)
    return text
