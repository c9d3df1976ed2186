"""The OpenAPI document: what FastAPI generates from the routes, made whole and fit for generators of clients.

FastAPI documents a 422 that we never answer, puts our errors under the media type of the success, and knows nothing of
what the middleware refuses. `openapi/openapi.json` is this document, committed; a test holds the two together.
"""

from app.openapi.body import body_reference
from app.openapi.document import ACCEPTS, ACCESS, dump, schema
from app.openapi.problem import kinds_by_code

__all__ = ["ACCEPTS", "ACCESS", "body_reference", "dump", "kinds_by_code", "schema"]
