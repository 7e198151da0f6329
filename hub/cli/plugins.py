"""``hub plugins``: what is installed and which options it takes."""

from typing import TYPE_CHECKING, Any

from hub.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from hub.registry import Plugin


def plugins(as_json: AsJson = False) -> None:
    """List the adapters, channels and page readers that are installed, each with its options."""
    from hub import registry

    registry.load_all()
    if as_json:
        print_json([_described(p) for kind in registry.Kind for p in registry.plugins(kind)])
        return
    for kind in registry.Kind:
        print(kind.value)
        for plugin in registry.plugins(kind):
            _print(_described(plugin))


def _described(plugin: "Plugin") -> dict[str, Any]:
    schema = plugin.options.model_json_schema()
    required = schema.get("required", [])
    options = [
        {
            "name": name,
            "description": field.get("description", ""),
            "required": name in required,
            "default": field.get("default"),
        }
        for name, field in schema.get("properties", {}).items()
    ]
    return {"kind": plugin.kind.value, "name": plugin.name, "summary": plugin.summary, "options": options}


def _print(plugin: dict[str, Any]) -> None:
    print(f"  {plugin['name']}: {plugin['summary']}")
    for option in plugin["options"]:
        default = "required" if option["required"] else f"default {option['default']!r}"
        print(f"    {option['name']} ({default}): {option['description']}")
