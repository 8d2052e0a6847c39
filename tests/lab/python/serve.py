"""Serves a Flask application as app.run(use_reloader=False) would, and ends when standard input closes.

Owns what app.run() does not offer: importing the application by name, a free port that is said on standard
output, and the end with the parent. Leaves out everything that would make it differ from what
developers run: the server is Werkzeug's, threaded, with the debugger and its console exactly in debug mode.
"""

import argparse
import importlib
import os
import sys
import threading


def end_with_parent():
    """Waits for the end of standard input; however the parent died, the system closes it."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def load(target, folder):
    sys.path.insert(0, folder)
    module_name, _, path = target.partition(":")
    found = importlib.import_module(module_name)
    for name in (path or "app").split("."):
        found = getattr(found, name)
    return found if hasattr(found, "wsgi_app") else found()


def serve(app, host, port):
    from werkzeug.serving import make_server

    served = app
    if app.debug:
        from werkzeug.debug import DebuggedApplication

        # As run_simple() has it: with the console, for the host it binds besides the local ones.
        served = DebuggedApplication(app, evalex=True)
        served.trusted_hosts.append(host)
    server = make_server(host, port, served, threaded=True)
    print(f"READY http://{host}:{server.port}", flush=True)
    server.serve_forever()


def main():
    threading.Thread(target=end_with_parent, daemon=True).start()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--app", required=True, help="module:attribute, an application or what makes one")
    parser.add_argument("--folder", required=True, help="the folder to import from")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 for a free one")
    options = parser.parse_args()
    serve(load(options.app, options.folder), options.host, options.port)


if __name__ == "__main__":
    main()
