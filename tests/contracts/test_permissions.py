"""What no role of the stack may do."""

from fnmatch import fnmatchcase

from tests.contracts.definitions import resources


def test_no_role_may_redrive_an_execution() -> None:
    """It would go on though its order has ended: docs/decisions/broken-executions.md."""
    actions = {
        action
        for role in resources("AWS::IAM::Role").values()
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    assert not [action for action in actions if fnmatchcase("states:RedriveExecution", action)]
    assert "states:SendTaskFailure" in actions
