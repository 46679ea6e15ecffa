"""What was written before this very moment is there to take."""

import os

from embedded_localstack.functions.output import Output


def test_output_is_complete_as_soon_as_it_is_written() -> None:
    output = Output()

    for number in range(1000):
        os.write(output.fileno(), f"{number}\n".encode())
        assert output.take() == f"{number}\n"

    os.write(output.fileno(), b"x" * 3_000_000)
    assert output.take() == "x" * 3_000_000 + "\n"
    assert output.take() == ""


def test_lines_that_a_carriage_return_ends_are_lines() -> None:
    output = Output()

    os.write(output.fileno(), "[ERROR] at\r\u00a0\u00a0once\r\n".encode())

    assert output.take() == "[ERROR] at\n\u00a0\u00a0once\n"
