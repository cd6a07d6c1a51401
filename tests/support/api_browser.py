"""A browser without script: it reads a page, fills a form, posts it and follows the redirect."""

from html.parser import HTMLParser


class Seen(HTMLParser):
    """Every tag of a page with its attributes, forms with their fields."""

    def __init__(self, text) -> None:
        super().__init__()
        self.tags, self.forms, self.inline = [], [], []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self._inside = tag
        if tag == "form":
            self.forms.append({"action": attributes["action"], "method": attributes["method"], "fields": {}})
        if tag in {"input", "button", "select", "textarea"} and attributes.get("name") and self.forms:
            self.forms[-1]["fields"].setdefault(attributes["name"], attributes.get("value") or "")

    def handle_data(self, data):
        if self._inside in {"script", "style"} and data.strip():
            self.inline.append(data)

    def handle_endtag(self, tag):  # noqa: ARG002 - the parser hands it over
        self._inside = ""

    def form(self, action, *, method=None):
        """Return the first form of an action, or of a method too where a page asks and posts at one address."""
        return next(one for one in self.forms if one["action"] == action and method in (None, one["method"]))

    def check(self) -> None:
        """Assert that nothing stands inline, that ids are single, and that whatever is filled in has its label."""
        assert self.inline == []
        ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]
        assert len(ids) == len(set(ids)), ids
        labelled = {attributes.get("for") for tag, attributes in self.tags if tag == "label"}
        for tag, attributes in self.tags:
            assert tag != "style"
            assert not [name for name in attributes if name == "style" or name.startswith("on")], attributes
            if tag in {"select", "textarea"} or (tag == "input" and attributes.get("type") != "hidden"):
                assert attributes["id"] in labelled, attributes


async def submit(browser, page, action, **filled):
    """Do what a browser without script does: read the page, fill its form, post it, follow the redirect."""
    form = Seen((await browser.get(page)).text).form(action, method="post")
    answer = await browser.post(action, data={**form["fields"], **filled})
    return (answer, await browser.get(answer.headers["location"])) if answer.status_code == 303 else (answer, None)
