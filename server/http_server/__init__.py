"""The base of both HTTP servers: errors, OpenAPI, body limit, uvicorn; knows no page."""
