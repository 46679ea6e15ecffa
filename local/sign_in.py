"""Signs a barista in at the local OpenID provider and prints the ID token.

TOKEN=$(make -s token)
curl -H "Authorization: Bearer $TOKEN" "$API/orders?status=in%20preparation"
"""

from urllib.parse import parse_qs, urlsplit

import requests

import deployed
from deployed import BARISTA

REDIRECT = "http://127.0.0.1/"  # Never requested: the code is read from the redirect's URL.


def id_token(barista: str = BARISTA) -> str:
    """The token of a barista who signs in with the authorization code flow."""
    issuer = deployed.parameters()["OidcIssuer"]
    client = {"client_id": deployed.parameters()["OidcClientId"], "redirect_uri": REDIRECT}
    provider = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
    allowed = requests.post(
        provider["authorization_endpoint"],
        params={"response_type": "code", "scope": "openid profile", **client},
        data={"sub": barista},
        allow_redirects=False,
        timeout=10,
    )
    (code,) = parse_qs(urlsplit(allowed.headers["Location"]).query)["code"]
    granted = requests.post(
        provider["token_endpoint"],
        data={"grant_type": "authorization_code", "code": code, **client},
        timeout=10,
    )
    granted.raise_for_status()
    return str(granted.json()["id_token"])


if __name__ == "__main__":
    print(id_token())
