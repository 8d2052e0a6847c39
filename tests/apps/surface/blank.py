"""An application that knows no path: what a crawl lists here, it was told."""

from flask import Flask

app = Flask(__name__, static_folder=None)
