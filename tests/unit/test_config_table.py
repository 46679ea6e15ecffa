"""How the functions give slots back."""

from aws.config_table import ConfigTable
from tests.unit.events import ANOTHER_RUN, RUN
from tests.unit.tables import Tables


def test_releasing_gives_the_slot_of_one_execution_back(
    tables: Tables, config_table: ConfigTable
) -> None:
    for run in (RUN, ANOTHER_RUN):
        tables.reserve(run)
    for _ in range(2):
        config_table.release_slot(RUN)
        assert tables.reservations() == {"second"}
        assert config_table.load_slots() == {"second"}


def test_an_empty_store_holds_no_empty_set(tables: Tables, config_table: ConfigTable) -> None:
    assert config_table.load_slots() == set()
    tables.reserve(RUN)
    config_table.release_slot(RUN)
    assert config_table.load_slots() == set()
    item = tables.config.get_item(Key={"PK": "reservations"})["Item"]
    assert item == {"PK": "reservations"}


def test_releasing_without_a_config_table_is_no_error(
    tables: Tables, config_table: ConfigTable
) -> None:
    tables.config.delete()
    config_table.release_slot(RUN)
