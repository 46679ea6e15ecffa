"""What no role of the stack may do."""

from fnmatch import fnmatchcase

from tests.contracts.definitions import resources


def test_no_role_may_redrive_an_execution() -> None:
    """It would go on though its order has ended: docs/decisions/broken-executions.md."""
    actions = {
        action
        for role in resources("AWS::IAM::Role").values()
        for policy in role.get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    assert not [action for action in actions if fnmatchcase("states:RedriveExecution", action)]
    assert "states:SendTaskFailure" in actions


def test_one_role_has_a_policy_of_aws_and_it_is_not_the_shops() -> None:
    """CodeDeploy's, which may do nothing with a workflow."""
    roles = resources("AWS::IAM::Role")
    assert [name for name in roles if "ManagedPolicyArns" in roles[name]] == ["DeploymentsRole"]
