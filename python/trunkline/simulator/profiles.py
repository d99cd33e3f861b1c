"""The servers that can be imitated: where they listen, which keys they take, how they speak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROFILES", "Profile", "profile_named"]

_HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of server."""

    name: str
    root: str = "/v1"
    """The path that a client takes for the API's, without a slash at its end."""
    dialect: str | None = None
    """`beta`, `azure` or `xai`; None = the GA names as they are."""
    model_parameter: str = "model"
    takes_any_model: bool = False
    """Whether models, of transcription too, have names of the customer's choice, as deployments do."""
    takes_beta_header: bool = False
    takes_api_key_header: bool = False
    """`api-key`, as a header or (browsers) as a query parameter."""
    is_gateway: bool = False
    """Whether refusals come as HTTP statuses instead of after the upgrade."""
    lifetime: float = _HOUR

    @property
    def speaks_ga(self) -> bool:
        """Whether sessions have the GA names, and so may be of the kinds that came with them."""
        return self.dialect in {None, "azure"}

    def key_in(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
        """The key in the form that this server has beside the common ones."""
        if not self.takes_api_key_header:
            return None
        return headers.get("api-key") or query.get("api-key")


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(name="openai-ga"),
        Profile(name="openai-beta", dialect="beta", takes_beta_header=True),
        Profile(
            name="azure-ga",
            root="/openai/v1",
            dialect="azure",
            takes_any_model=True,
            takes_api_key_header=True,
            is_gateway=True,
            # Reported, not documented (Microsoft Q&A 5741275).
            lifetime=_HOUR / 2,
        ),
        Profile(
            name="azure-preview",
            root="/openai",
            dialect="beta",
            model_parameter="deployment",
            takes_any_model=True,
            takes_beta_header=True,
            takes_api_key_header=True,
            is_gateway=True,
            lifetime=_HOUR / 2,
        ),
        Profile(name="xai", dialect="xai", takes_any_model=True),
    )
}
"""By the names the command line knows."""


def profile_named(name: str) -> Profile:
    """The profile of that name; raises ConfigError for an unknown one."""
    profile = PROFILES.get(name)
    if profile is None:
        raise ConfigError("profile", f"{name!r} is none of {', '.join(PROFILES)}")
    return profile
