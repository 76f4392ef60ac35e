"""The endpoints of Runway's dialect that aren't built yet: each answers 501 and says what to use instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from vitascope.apps.server.errors import not_built

if TYPE_CHECKING:
    from collections.abc import Callable

_SPEECH = (
    "voices aren't built yet; record the sound yourself and add it with a canvas's `sound`, POST /v1/fills"
)
_AVATARS = (
    "presenters who speak aren't built yet; for somebody who keeps their looks use referenceImages in "
    "text_to_image, or references in text_to_video"
)
_FILMS = "recipes aren't built yet; write the shots yourself and send them to POST /v1/shots"
_FLOWS = (
    "workflows aren't built here; chain tasks in your own program: an output's URL is the next one's input"
)

NOT_BUILT = {
    "avatar_conversations": f"It would keep what was said with an avatar: {_AVATARS}.",
    "avatar_usage": f"It would count the minutes of talks with avatars: {_AVATARS}.",
    "avatar_videos": f"It would let an avatar speak a text or a sound: {_AVATARS}.",
    "avatars": f"It would make a presenter of a picture: {_AVATARS}.",
    "character_performance": "It would move a character as somebody in a video moves, and isn't built yet; "
    "use video_to_video with a keyframe that shows the character.",
    "documents": "It would keep what avatars know. They aren't built yet; put what matters into promptText.",
    "generate/audio": f"It would choose a model for a sound: {_SPEECH}.",
    "generate/image": "It would choose a model for a picture. There is one choice here; use text_to_image.",
    "generate/video": "It would choose a model for a video. There is one choice here; use text_to_video or "
    "image_to_video.",
    "image_upscale": "It would enlarge a picture, and isn't built yet; use video_upscale for videos, or ask "
    "text_to_image for a larger ratio.",
    "organization/webapp": "It would tell of people in Runway's web application, which isn't here; use "
    "organization/usage for what your key has used.",
    "realtime_sessions": f"It would open a talk with an avatar: {_AVATARS}.",
    "recipes/ad_localization": f"It would put an advertisement into other languages: {_FILMS}.",
    "recipes/marketing_stock_image": "It would make a stock picture, and isn't built yet; use text_to_image.",
    "recipes/multi_shot_video": f"It would make several shots of a story: {_FILMS}.",
    "recipes/product_ad": f"It would make an advertisement of pictures of a product: {_FILMS}.",
    "recipes/product_campaign_image": "It would show a product in a campaign's picture; recipes aren't built "
    "yet, use text_to_image with referenceImages.",
    "recipes/product_swap": "It would put another product into a video; recipes aren't built yet, use "
    "video_to_video with a keyframe that shows the product.",
    "recipes/product_ugc": f"It would let somebody present a product: {_FILMS}.",
    "routers": "It would keep rules that choose models. There is one choice here; name any model.",
    "sound_effect": f"It would make a sound of words: {_SPEECH}.",
    "speech_to_speech": f"It would say a recording in another voice: {_SPEECH}.",
    "text_to_speech": f"It would speak a text: {_SPEECH}.",
    "video_to_audio": f"It would make the sound of a video: {_SPEECH}.",
    "video_to_hdr": "It would widen a video's range of brightness; use the video as it is.",
    "voice_dubbing": f"It would say a film in another language: {_SPEECH}.",
    "voice_isolation": f"It would take a voice out of a recording: {_SPEECH}.",
    "voices": f"It would keep voices: {_SPEECH}.",
    "workflow_invocations": f"It would tell how far a workflow is; {_FLOWS}.",
    "workflows": f"It would run a chain of tasks; {_FLOWS}.",
}
"""By the beginning of the path behind /v1/."""

METHODS = ["GET", "POST", "PATCH", "DELETE"]


def add_missing(routes: APIRouter) -> None:
    """Add them all. They aren't on the OpenAPI page, which shows what there is."""
    for path, sentence in NOT_BUILT.items():
        answer = _answering(sentence)
        for place in (f"/{path}", f"/{path}/{{rest:path}}"):
            routes.add_api_route(place, answer, methods=METHODS, include_in_schema=False, status_code=501)


def _answering(sentence: str) -> Callable[[], None]:
    def answer() -> None:
        error = not_built(sentence)
        error.headers["x-should-retry"] = "false"  # or Runway's client would ask twice more
        raise error

    return answer
