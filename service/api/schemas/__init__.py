"""The shapes of requests and answers, one file per noun; they make the OpenAPI document and read the request bodies."""
