"""Judges answers by an OpenAPI document: status, content type, shape, and members that it does not name. Import it."""
import json
import re

import jsonschema
import yaml
from daemon_rig import need


def may_be_null(schema):
    return "null" in schema.get("type", "") or schema.get("$ref") == "#/components/schemas/Number"


def without_null(schema):
    """The same where a member that is null is left out, as in the live state."""
    if isinstance(schema, list):
        return [without_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: without_null(value) for key, value in schema.items()}
    if isinstance(schema.get("required"), list) and isinstance(schema.get("properties"), dict):
        members = schema["properties"]
        changed["required"] = [key for key in schema["required"] if not may_be_null(members.get(key, {}))]
    return changed


class Judge:
    def __init__(self, path, change=lambda document: document):
        with open(path, encoding="utf-8") as file:
            self.document = change(yaml.safe_load(file))
        self.resolver = jsonschema.RefResolver("", self.document)
        self.answered = set()  # operations with an answer that the document describes by its status
        self.routes = []
        for template, methods in self.document["paths"].items():
            shape = re.compile("^" + re.sub(r"\{[a-z]+\}", "[^/]+", template) + "$")
            for method, operation in methods.items():
                if method in ("get", "post"):
                    # words that are fixed come before words that are not
                    self.routes.append((template.count("{"), method.upper(), shape, operation))
        self.routes.sort(key=lambda route: route[0])

    def operations(self):
        return {operation["operationId"] for _, _, _, operation in self.routes}

    def operation(self, method, path):
        for _, wanted, shape, operation in self.routes:
            if wanted == method and shape.match(path.split("?")[0]):
                return operation
        return None

    def resolve(self, schema):
        while "$ref" in schema:
            schema = self.resolver.resolve(schema["$ref"])[1]
        return schema

    def validate(self, schema, value, where):
        validator = jsonschema.Draft202012Validator(schema, resolver=self.resolver)
        error = jsonschema.exceptions.best_match(validator.iter_errors(value))
        if error is not None:
            place = "/".join(str(step) for step in error.absolute_path)
            need(False, f"{where}: {place}: {error.message[:300]} in {json.dumps(value)[:1500]}")
        for place in self.unknown(schema, value, ""):
            need(False, f"{where}: {place} is not in the contract: {json.dumps(value)[:1500]}")

    def members(self, schema, value):
        """(schema of each named member, may there be others?) of an object, with what allOf and oneOf bring."""
        schema = self.resolve(schema)
        named = dict(schema.get("properties", {}))
        free = "additionalProperties" in schema or (schema.get("type") == "object" and "properties" not in schema)
        for part in schema.get("allOf", []):
            more, also = self.members(part, value)
            named |= more
            free |= also
        for part in schema.get("oneOf", []):
            if jsonschema.Draft202012Validator(part, resolver=self.resolver).is_valid(value):
                more, also = self.members(part, value)
                named |= more
                free |= also
        return named, free

    def unknown(self, schema, value, place):
        if isinstance(value, list):
            items = self.resolve(schema).get("items", {})
            return [found for i, item in enumerate(value) for found in self.unknown(items, item, f"{place}/{i}")]
        if not isinstance(value, dict):
            return []
        named, free = self.members(schema, value)
        others = self.resolve(schema).get("additionalProperties")
        found = []
        for key, member in value.items():
            if key in named:
                found += self.unknown(named[key], member, f"{place}/{key}")
            elif not free:
                found.append(f"{place}/{key}")
            elif isinstance(others, dict):
                found += self.unknown(others, member, f"{place}/{key}")
        return found

    def judge(self, method, path, status, kind, body):
        """One answer. `kind` is its Content-Type."""
        where = f"{method} {path} {status}"
        operation = self.operation(method, path)
        need(operation is not None, f"{where}: there is no such route in the contract")
        responses = operation["responses"]
        response = responses.get(str(status))
        if response is None:
            need(status >= 400 and "default" in responses, f"{where}: not a status of this route: {body[:500]}")
            response = responses["default"]
        response = self.resolve(response)
        kind = kind.split(";")[0]
        need(kind in response["content"], f"{where}: {kind} is not one of {list(response['content'])}: {body[:300]}")
        schema = response["content"][kind]["schema"]
        if kind == "application/x-ndjson":
            for line in body.decode().splitlines():
                self.validate(schema, json.loads(line), where)
        elif kind == "application/json":
            self.validate(schema, json.loads(body), where)
        else:
            self.validate(schema, body.decode(), where)
        if str(status) in responses:
            self.answered.add(operation["operationId"])
