"""What Entra says when it says no (https://learn.microsoft.com/entra/identity-platform/reference-error-codes)."""

from __future__ import annotations

from typing import Any, NamedTuple


class Refusal(NamedTuple):
    error: str
    text: str
    suberror: str = ""
    status: int = 400


REFUSALS = {
    50020: Refusal("access_denied", "User account from identity provider does not exist in the tenant."),
    50059: Refusal("invalid_request", "No tenant-identifying information found in the request."),
    50076: Refusal(
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must "
        "use multi-factor authentication to access the resource.",
        "basic_action",
    ),
    50079: Refusal("interaction_required", "You must enroll in multi-factor authentication.", "basic_action"),
    50105: Refusal("interaction_required", "The administrator has restricted the application to assigned users."),
    50173: Refusal(
        "invalid_grant", "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        "bad_token",
    ),
    53003: Refusal("invalid_grant", "Access has been blocked by Conditional Access policies.", "message_only"),
    54005: Refusal("invalid_grant", "OAuth2 Authorization code was already redeemed, please retry with a new code."),
    65001: Refusal(
        "invalid_grant",
        "The user or administrator has not consented to use the application with ID named 'Amity'. Send an interactive "
        "authorization request for this user and resource.",
        "consent_required",
    ),
    65004: Refusal("access_denied", "User declined to consent to access the app."),
    70000: Refusal("invalid_grant", "The provided grant is invalid or malformed."),
    70008: Refusal("invalid_grant", "The provided authorization code or refresh token has expired due to inactivity."),
    70016: Refusal("authorization_pending", "OAuth 2.0 device flow error. Authorization is pending."),
    70018: Refusal("bad_verification_code", "Invalid verification code."),
    70020: Refusal("expired_token", "OAuth 2.0 device flow error. The device code has expired."),
    70043: Refusal(
        "invalid_grant",
        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
        "token_expired",
    ),
    70003: Refusal("unsupported_grant_type", "The app returned an unsupported grant type."),
    90002: Refusal("invalid_tenant", "Tenant not found."),
    90094: Refusal(
        "access_denied",
        "An administrator of the organisation has set a policy that prevents you from granting the application the "
        "permissions it is requesting. Admin consent is required.",
        "admin_consent_required",
    ),
    501481: Refusal("invalid_grant", "The Code_Verifier does not match the code_challenge of the authorization."),
    700016: Refusal("unauthorized_client", "Application with identifier was not found in the directory."),
    700082: Refusal("invalid_grant", "The refresh token has expired due to inactivity.", "bad_token"),
    50011: Refusal("invalid_request", "The redirect URI does not match the redirect URIs configured."),
}  # fmt: skip


class OAuthError(Exception):
    """`claims`: what the client must send along when the person signs in again."""

    def __init__(self, code: int, claims: str = "") -> None:
        super().__init__(f"AADSTS{code}: {REFUSALS[code].text}")
        self.code, self.claims = code, claims
        self.status = REFUSALS[code].status

    def body(self) -> dict[str, Any]:
        refusal = REFUSALS[self.code]
        trace = "00000000-0000-4000-8000-000000000001"
        said: dict[str, Any] = {
            "error": refusal.error, "error_description": f"{self} Trace ID: {trace} Correlation ID: {trace} "
            "Timestamp: 2026-09-21 14:13:20Z", "error_codes": [self.code], "timestamp": "2026-09-21 14:13:20Z",
            "trace_id": trace, "correlation_id": trace,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.code}",
        }  # fmt: skip
        if refusal.suberror:
            said["suberror"] = refusal.suberror
        return {**said, "claims": self.claims} if self.claims else said
