"""A playbook as YAML."""

from __future__ import annotations

import yaml

from domain.errors import InvalidInput
from domain.message import MessageColumns
from domain.playbook import Action, Playbook
from domain.playbook_document import actions_from, document_of

MAX_BYTES = 2 * 1024**2
HEADER = """# The retention actions of NetOne Churn. Change them here and import the file on the page of the playbook.
# attributes: names of columns; "*" is any. Tests: is, is_not (levels), at_least, at_most (months where it is a tenure).
# offer: fixed amount, and share of the monthly bill for so many months. save_rate: share of leavers whom it keeps,
# and save_rate_weight the number of would-be leavers that it rests on; an assumed rate is worth 20.
# message: {bill}, {reduced_bill} and columns such as {Contract} are filled in for each customer. "|" separates
# sentences; one that names something unknown of the customer is left out.
"""


class YamlPlaybooks:
    """Implements `application.ports.campaigns.PlaybookTexts` with PyYAML's safe loader: plain values alone."""

    def write(self, playbook: Playbook) -> str:
        return HEADER + yaml.safe_dump(document_of(playbook), sort_keys=False, allow_unicode=True, width=110)

    def read(self, content: bytes, columns: MessageColumns) -> tuple[Action, ...]:
        if len(content) > MAX_BYTES:
            raise InvalidInput("The file is larger than 2 MB, which no playbook is.", field="file")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InvalidInput("The file is not UTF-8 text. Save it as UTF-8 and try again.", field="file") from error
        try:
            document = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
            raise InvalidInput(f"The file is not YAML{where}: {error.problem}.", field="file") from error
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise InvalidInput("The file is not YAML that can be read.", field="file") from error
        return actions_from(document, columns)
