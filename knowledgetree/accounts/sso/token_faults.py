"""What is wrong with a token that PyJWT refuses, in words for whoever sent it."""

import jwt

# An odd token makes PyJWT raise more than its own errors.
TokenFaults = (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError)
_WORDS: dict[type[Exception], str] = {
    jwt.InvalidSignatureError: "The token's signature is wrong.",
    jwt.ExpiredSignatureError: "The token has expired.",
    jwt.ImmatureSignatureError: "The token is not good yet: is a clock wrong?",
    jwt.InvalidIssuerError: "The token is of another issuer ({issuer}).",
    jwt.InvalidAudienceError: "The token is for another application ({audience}).",
}


def in_words(error: Exception, *, issuer: str, audience: str) -> str:
    """``issuer``, ``audience``: the settings that say which are right."""
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"The token lacks the claim {error.claim}."
    return _WORDS.get(type(error), "The token cannot be read.").format(issuer=issuer, audience=audience)
