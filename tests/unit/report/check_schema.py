#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check the output format json against its schemas.

usage: check_schema.py FINDINGS INCIDENTS WRITER

FINDINGS and INCIDENTS are the schemas; WRITER writes the samples, hostile ones too. Every line must be ASCII
and valid; the schemas must be closed; and lines with one fault each must be refused, so that a schema that allows everything shows.
Where the folder named by GLUEWATCH_SCHEMAS exists, its validate.py checks the lines as ECS, too.
"""
import copy
import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed: nothing was checked")
    sys.exit(77)


def complain(text):
    print("FAILED: " + text)
    sys.exit(1)


def open_objects(schema, path):
    """Yield the paths of objects that allow unnamed fields."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
            yield path
        for key, value in schema.items():
            yield from open_objects(value, path + "/" + key)
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from open_objects(value, "%s/%d" % (path, index))


def broken(finding, metric):
    """Yield lines with one fault each."""
    for path, value in (
        (("event", "unknown"), 1),
        (("event", "kind"), "event"),
        (("event", "severity"), 50),
        (("event", "start"), "2026-11-23 01:00:00"),
        (("event", "type"), "info"),
        (("source", "ip"), "198.18.3"),
        (("dns", "id"), 4660),
        (("dns", "question", "name"), "a\\9.example"),
        (("dns", "question", "name"), "a b"),
        (("dns", "question", "name"), "www.foo.example."),
        (("gluewatch", "version"), "2"),
        (("gluewatch", "kind"), "glue-spoofed"),
        (("gluewatch", "confidence"), 1.5),
        (("gluewatch", "sets", 0, "role"), "both"),
        (("gluewatch", "sets", 0, "witnesses", 0, "extra"), 1),
    ):
        line = copy.deepcopy(finding)
        place = line
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        yield "/".join(map(str, path)), line
    for field in ("message", "event", "gluewatch", "@timestamp"):
        line = copy.deepcopy(finding)
        del line[field]
        yield "without " + field, line
    line = copy.deepcopy(metric)
    line["gluewatch"]["stats"]["packets"]["reasons"]["link-cut"] = -1
    yield "a negative counter", line


def check_ecs(text):
    folder = os.environ.get("GLUEWATCH_SCHEMAS", "")
    if not os.path.isfile(os.path.join(folder, "validate.py")):
        print("GLUEWATCH_SCHEMAS names no folder with validate.py: not checked as ECS")
        return
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as lines:
        lines.write(text)
        lines.flush()
        done = subprocess.run(
            [sys.executable, os.path.join(folder, "validate.py"), "ecs", lines.name],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        complain("not valid as ECS:\n" + done.stdout.decode("utf-8", "replace")[:4000])
    print("valid as ECS")


def broken_incident(incident):
    """Yield incidents with one fault each."""
    for path, value in (
        (("event", "dataset"), "gluewatch.finding"),
        (("gluewatch", "incident", "family"), "attack"),
        (("gluewatch", "incident", "state"), "gone"),
        (("gluewatch", "incident", "unknown"), 1),
        (("gluewatch", "incident", "scope", "type"), "world"),
        (("gluewatch", "incident", "channels", "content"), "much"),
        (("gluewatch", "incident", "findings", "ids"), ["00"]),
    ):
        line = copy.deepcopy(incident)
        place = line
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        yield "/".join(map(str, path)), line


def load(path):
    """The schema at `path`, which must be good and closed."""
    with open(path, encoding="ascii") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    for place in open_objects(schema, ""):
        complain("the schema %s is open at %s" % (os.path.basename(path), place))
    return schema


def validator_of(schema, **other):
    return jsonschema.Draft202012Validator(dict(schema, **other),
                                           format_checker=jsonschema.FormatChecker())


def branch(schema, name):
    part = dict(schema, **{"$ref": "#/$defs/" + name})
    part.pop("oneOf", None)
    return validator_of(part)


def main():
    schema, incident_schema = load(sys.argv[1]), load(sys.argv[2])
    validator, incidents = validator_of(schema), validator_of(incident_schema)
    branches = {"gluewatch.finding": branch(schema, "finding"), "gluewatch.stats": branch(schema, "metric"),
                "gluewatch.incident": incidents}

    text = subprocess.run([sys.argv[3], "json", "0", "nasty"], stdout=subprocess.PIPE,
                          check=True).stdout
    if any(octet > 0x7e or (octet < 0x20 and octet != 0x0a) for octet in text):
        complain("an octet outside printable ASCII")
    lines = [json.loads(line) for line in text.decode("ascii").splitlines()]
    told = {dataset: [] for dataset in branches}
    for number, line in enumerate(lines, 1):
        dataset = line["event"]["dataset"]
        told[dataset].append(line)
        error = jsonschema.exceptions.best_match(branches[dataset].iter_errors(line))
        if error is not None:
            complain("line %d: %s: %s" % (number, list(error.absolute_path), error.message[:400]))
    if lines[-1]["event"]["kind"] != "metric":
        complain("the last line is no metric")
    kinds = {line["gluewatch"]["kind"] for line in told["gluewatch.finding"]}
    if kinds != set(schema["$defs"]["kind"]["enum"]):
        complain("kinds told and kinds of the schema differ: %s" % sorted(kinds))
    families = {line["gluewatch"]["incident"]["family"] for line in told["gluewatch.incident"]}
    if families != set(incident_schema["$defs"]["family"]["enum"]):
        complain("families told and families of the schema differ: %s" % sorted(families))
    for what, line in broken(lines[0], lines[-1]):
        if validator.is_valid(line):
            complain("the schema accepts " + what)
    for what, line in broken_incident(told["gluewatch.incident"][0]):
        if incidents.is_valid(line):
            complain("the schema of incidents accepts " + what)
    print("%d lines are valid" % len(lines))
    check_ecs(text)


main()
