"""Signs a barista in at the local OpenID provider as the counter's page does; prints the ID token.

TOKEN=$(make -s token)
curl -H "Authorization: Bearer $TOKEN" "$API/orders?status=in%20preparation"
"""

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import requests

import deployed
from deployed import BARISTA

REDIRECT = "http://127.0.0.1/"  # Never requested: the code is read from the redirect's URL.


def id_token() -> str:
    """The token of a barista who signs in with the authorization code flow and PKCE."""
    issuer = deployed.parameters()["OidcIssuer"]
    client_id = deployed.parameters()["OidcClientId"]
    provider = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
    verifier = secrets.token_urlsafe(32)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    allowed = requests.post(
        provider["authorization_endpoint"],
        params={
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": REDIRECT,
            "scope": "openid profile",
            "state": secrets.token_urlsafe(8),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        },
        data={"sub": BARISTA},
        allow_redirects=False,
        timeout=10,
    )
    (code,) = parse_qs(urlsplit(allowed.headers["Location"]).query)["code"]
    granted = requests.post(
        provider["token_endpoint"],
        data={
            "grant_type": "authorization_code",
            "client_id": client_id,
            "redirect_uri": REDIRECT,
            "code": code,
            "code_verifier": verifier,
        },
        timeout=10,
    )
    granted.raise_for_status()
    return str(granted.json()["id_token"])


if __name__ == "__main__":
    print(id_token())
