"""What was written before this very moment is there to take."""

import os

from embedded_localstack.functions.output import Output


def test_output_is_complete_as_soon_as_it_is_written() -> None:
    reader, writer = os.pipe()
    output = Output(reader)

    for number in range(1000):
        os.write(writer, f"{number}\n".encode())
        assert output.take() == f"{number}\n"

    os.write(writer, b"the last words")
    os.close(writer)
    assert output.take() == "the last words"
    assert output.take() == ""


def test_output_never_blocks_its_writer() -> None:
    reader, writer = os.pipe()
    output = Output(reader)

    os.write(writer, b"x" * 3_000_000)

    assert output.take() == "x" * 3_000_000
    os.close(writer)


def test_lines_that_a_carriage_return_ends_are_lines() -> None:
    reader, writer = os.pipe()
    output = Output(reader)

    os.write(writer, "[ERROR] at\r\u00a0\u00a0once\r\n".encode())

    assert output.take() == "[ERROR] at\n\u00a0\u00a0once\n"
    os.close(writer)
