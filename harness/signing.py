"""AWS signatures, which the staff's routes ask for where there is no sign-in."""

from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from requests import PreparedRequest
from requests.auth import AuthBase


class Signature(AuthBase):
    """Signs a request to API Gateway with the credentials of this process.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
    """

    def __init__(self) -> None:
        session = boto3.session.Session()
        credentials: Any = session.get_credentials()
        self._signer = SigV4Auth(credentials, "execute-api", str(session.region_name))

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        unsigned: Any = AWSRequest(method=request.method, url=request.url, data=request.body)
        self._signer.add_auth(unsigned)
        request.headers.update(dict(unsigned.headers))
        return request
