"""Shell completion where click's own falls short: bash takes `=` and `:` for the ends of words.

So a value like `sarif=report.sarif` comes in pieces, and what is offered has to leave out the pieces before it. Other
shells are served by click as it is.
"""

from __future__ import annotations

import os

from click.shell_completion import BashComplete, CompletionItem, add_completion_class, split_arg_string

_SOURCE = """\
%(complete_func)s() {
    local IFS=$'\\n' type value completion response
    response=$(env COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" %(complete_var)s=bash_complete "$1")
    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"
        case $type in
            dir) COMPREPLY=(); compopt -o dirnames ;;
            file) COMPREPLY=(); compopt -o default ;;
            plain)
                COMPREPLY+=("$value")
                # A value follows the sign, without a space between.
                [[ $value == *= ]] && compopt -o nospace
                ;;
        esac
    done
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Bash(BashComplete):
    """Completion for bash, from the line as it stands before the cursor."""

    name = "bash"
    source_template = _SOURCE
    _before = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is being written, and that one as far as it goes."""
        line = os.environ["COMP_LINE"].encode()[: int(os.environ["COMP_POINT"])].decode("utf-8", "ignore")
        words = split_arg_string(line)
        incomplete = words.pop() if words and not line[-1:].isspace() else ""
        raw = line.rpartition(" ")[2]
        if not raw.startswith(("'", '"')):
            # What bash takes for earlier words stands already, and is not to be written again.
            self._before = incomplete[: max(incomplete.rfind("="), incomplete.rfind(":")) + 1]
        return words[1:], incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Return one line for the function in the shell."""
        return f"{item.type},{str(item.value).removeprefix(self._before)}"


add_completion_class(Bash)
