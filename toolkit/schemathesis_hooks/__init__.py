"""What `SCHEMATHESIS_HOOKS=exportproof.schemathesis` loads: importing it registers the hooks and checks.

The folder is installed as `exportproof.schemathesis`. It stands here under another name, so that no folder or file
called `schemathesis` at the top of the checkout hides the library from programs that are started there.
"""

from exportproof.toolkit.schemathesis_checks import register

register()
