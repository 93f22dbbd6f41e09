"""What is demanded: the OpenAPI documents, the catalogue of rules, and the readings."""
