#!/usr/bin/env python3
"""Scan the small applications beside this file and compare what is reported with what their case.yaml expects.

    check.py [--bin PATH] [--dir FOLDER] [--part N] [--open FILE [--only-open]] [--steady] [--list] [--keep] [NAME...]

NAME is a case, `case/run`, or a pattern (`24-*`). The exit code is 1 if any run falls short.
"""
import argparse, concurrent.futures, fnmatch, hashlib, itertools, json, os, pathlib, re, shutil, signal, socket, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "keyspill-cases"
LIMIT = 120  # seconds a run
LEVELS = ["info", "low", "medium", "high", "critical"]
COUNTED = ["confirmed", "likely"]


def enter_venv():
    """Run again inside a virtual environment that has requirements.txt; make it on the first call."""
    wanted = (HERE / "requirements.txt").read_bytes()
    venv = CACHE / ("venv-" + hashlib.sha256(wanted + sys.version.encode()).hexdigest()[:12])
    python = venv / "bin" / "python"
    if pathlib.Path(sys.prefix).resolve() == venv.resolve():
        return
    if not (venv / "complete").exists():
        print(f"preparing {venv}", file=sys.stderr)
        shutil.rmtree(venv, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(HERE / "requirements.txt")], check=True)
        (venv / "complete").touch()
    os.execv(str(python), [str(python), str(pathlib.Path(__file__).resolve()), *sys.argv[1:]])


# Below those that the system gives to connections: none is taken between here and the application's start.
PORTS = itertools.count(20000 + os.getpid() * 7 % 10000)


def free_port():
    """A port that no other run is given."""
    for port in PORTS:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def listening(port):
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as s:
                s.settimeout(1)
                s.connect((host, port))
                return True
        except OSError:
            pass
    return False


# ---- comparing -------------------------------------------------------------------------------------------------------

def plain(text):
    """A path template with every placeholder as {}."""
    return re.sub(r"\{[^{}]*\}", "{}", str(text))


def fits(wanted, seen):
    """`~text` is a regular expression to be found, a list any of its entries, anything else the exact text."""
    if isinstance(wanted, list):
        return any(fits(w, seen) for w in wanted)
    if seen is None:
        return wanted is None
    if isinstance(wanted, str) and wanted.startswith("~"):
        return re.search(wanted[1:], str(seen)) is not None
    return plain(wanted) == plain(seen)


def part_fits(wanted, seen):
    if not wanted:
        return True
    seen = seen or {}
    for key, value in wanted.items():
        found = seen.get(key)
        if key == "input" and seen.get("place") == "header" and isinstance(value, str) and found:
            value, found = value.lower(), found.lower()
        if not fits(value, found):
            return False
    return True


def finding_fits(want, finding):
    if "rule" in want and not fits(want["rule"], finding["rule"]):
        return False
    if "severity_above" in want and LEVELS.index(finding["severity"]) <= LEVELS.index(want["severity_above"]):
        return False
    verdicts = want.get("verdict", COUNTED)
    if finding["verdict"] not in ([verdicts] if isinstance(verdicts, str) else verdicts):
        return False
    if "curl" in want and not any(re.search(want["curl"], line) for line in finding["evidence"]["curl"]):
        return False
    places = [(finding.get("source"), finding.get("sink"))]
    for more in finding.get("occurrences", []):
        places.append((more.get("source", finding.get("source")), more.get("sink", finding.get("sink"))))
    return any(part_fits(want.get("source"), source) and part_fits(want.get("sink"), sink) for source, sink in places)


def told(want):
    """An expectation in one line."""
    words = []
    for key, value in want.items():
        if isinstance(value, dict):
            value = " ".join(str(v) for v in value.values())
        words.append(f"{value}" if key == "rule" else f"{key} {value}")
    return ", ".join(words)


def shown(finding):
    source, sink = finding.get("source") or {}, finding.get("sink") or {}
    origin = f"{source.get('place')} {source.get('input')} of {source.get('path')} -> " if source else ""
    return f"{finding['rule']} {finding['verdict']} {origin}{sink.get('method', '')} {sink.get('path', '')}"


def operation_fits(want, operation):
    """`METHOD /path input@place ...`; the path may be a ~regular expression."""
    method, path, *inputs = want.split(" ")
    if not fits(method, operation["method"]) or not fits(path, operation["path"]):
        return False
    have = {(i["name"].lower() if i["place"] == "header" else i["name"], i["place"]) for i in operation["inputs"]}
    for one in inputs:
        name, place = one.rsplit("@", 1)
        if (name.lower() if place == "header" else name, place) not in have:
            return False
    return True


URI = re.compile(r"^(?!/)(?![A-Za-z][A-Za-z0-9+.-]*:)(?:[A-Za-z0-9._~!$&'()*+,;=:@/\[\]-]|%[0-9A-Fa-f]{2})+$")


def lines_asked(log):
    """`METHOD /path?query` for every request in the application's own access log."""
    clean = re.sub(r"\x1b\[[0-9;]*m", "", log)
    return [f"{m} {p}" for m, p in re.findall(r'"?\b([A-Z]{3,8}) (/\S*) HTTP/\d', clean)]


def judge(run, result):
    """What falls short in one run: a list of short texts."""
    short = []
    report = result["report"]
    findings = report.get("findings", []) if report else []
    surface = (report.get("surface") or report.get("endpoints") or []) if report else []
    problems = [f"{p.get('code')}: {p.get('message')}" for p in report.get("problems", [])] if report else []
    said = result["stdout"] + "\n" + result["stderr"]

    if result["timed_out"]:
        return [f"does not end within {run.get('limit', LIMIT)} s"]
    if re.search(r"panicked at", said):
        short.append("panics")
    codes = run.get("exit", [0, 1])
    if codes is not None and result["exit"] not in (codes if isinstance(codes, list) else [codes]):
        short.append(f"exit code {result['exit']}, not {codes}")
    needs_report = any(run.get(k) for k in ("expect", "forbid", "surface", "reached", "problems", "coverage", "at_most"))
    if needs_report and report is None:
        short.append("no report was written")
    for want in run.get("expect", []):
        if not any(finding_fits(want, f) for f in findings):
            weaker = {**want, "verdict": ["undetermined"]}
            note = " (only undetermined)" if any(finding_fits(weaker, f) for f in findings) else ""
            short.append(f"missing {told(want)}{note}")
    for want in run.get("forbid", []):
        wrong = [f for f in findings if finding_fits(want, f)]
        if wrong:
            short.append(f"unwanted {shown(wrong[0])}" + (f" and {len(wrong) - 1} more" if wrong[1:] else ""))
    for want in run.get("at_most", []):
        count = sum(finding_fits(want, f) for f in findings)
        if count > want["count"]:
            short.append(f"{count} findings of {want['rule']}, more than {want['count']}")
    for want in run.get("problems", []):
        if not any(re.search(want, p) for p in problems):
            short.append(f"no problem that fits /{want}/" + (f", only {problems[0][:90]}" if problems else ""))
    for want in run.get("problems_absent", []):
        wrong = [p for p in problems if re.search(want, p)]
        if wrong:
            short.append(f"unwanted problem {wrong[0][:120]}")
    for want in run.get("surface", []):
        if not any(operation_fits(want, o) for o in surface):
            short.append(f"surface lacks {want}")
    for want in run.get("surface_absent", []):
        wrong = [o for o in surface if operation_fits(want, o)]
        if wrong:
            short.append(f"surface lists {wrong[0]['method']} {wrong[0]['path']}" + (f" and {len(wrong) - 1} more" if wrong[1:] else ""))
    for want in run.get("reached", []):
        if not any(operation_fits(want, o) and ((o.get("reached") or {}).get("status") or o.get("status") or 999) < 400 for o in surface):
            short.append(f"not reached: {want}")
    for name, most in run.get("coverage", {}).items():
        seen = (report or {}).get("coverage", {}).get(name)
        if seen is None or seen > most:
            short.append(f"coverage says {seen} {name}, more than {most}")
    asked = lines_asked(result["log"])
    for want in run.get("untouched", []):
        method, path = want.split(" ", 1)
        wrong = [a for a in asked if fits(method, a.split(" ")[0]) and fits(path, a.split(" ", 1)[1].split("?")[0])]
        if wrong:
            short.append(f"was sent {len(wrong)} times: {want}")
    for want in run.get("asked", []):
        if not any(re.search(want, a) for a in asked):
            short.append(f"was never asked /{want}/")
    for want in run.get("log_absent", []):
        count = len(re.findall(want, result["log"]))
        if count:
            short.append(f"the application says {want!r} {count} times")
    for want in run.get("log_present", []):
        if not re.search(want, result["log"]):
            short.append(f"the application never says {want!r}")
    for want in run.get("says", []):
        if not re.search(want, said):
            short.append(f"output lacks /{want}/: {result['stderr'].strip()[:110]}")
    for want in run.get("says_not", []):
        if re.search(want, said):
            short.append(f"output says /{want}/")
    for want in run.get("nowhere", []):
        places = [name for name, text in {**result["files"], "stdout": result["stdout"], "stderr": result["stderr"]}.items() if want in text]
        if places:
            short.append(f"a credential stands in {', '.join(places)}")
    if run.get("sarif_uris"):
        sarif = result["files"].get("report.sarif")
        if sarif is None:
            short.append("no report.sarif")
        else:
            uris = re.findall(r'"uri"\s*:\s*("(?:[^"\\]|\\.)*")', json.dumps([r.get("results", []) for r in json.loads(sarif)["runs"]]))
            bad = sorted({json.loads(u) for u in uris if not URI.match(json.loads(u))})
            if bad or not uris:
                short.append(f"{len(bad)} artifact URIs are not relative URI references, like {bad[:1]}")
    short += judge_more(run, result, findings)
    if run.get("either"):
        tries = [judge({**block, "exit": block.get("exit")}, result) for block in run["either"]]
        if all(tries):
            short.append("neither: " + " NOR: ".join("; ".join(t[:2]) for t in tries))
    return short


HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u2028\u2029\U000e0000-\U000e007f]")


def judge_more(run, result, findings):
    """What a run took, what it left behind, and what came of a command after it."""
    short = []
    for key, what, unit in (("wall_s", "took", "s"), ("cpu_s", "used CPU for", "s"), ("rss_mb", "held", "MB")):
        if f"max_{key}" in run and (result.get(key) or 0) > run[f"max_{key}"]:
            short.append(f"{what} {result[key]:.1f} {unit}, more than {run[f'max_{key}']}")
    if result.get("too_big"):
        short.append("was ended for its memory")
    if "max_report_mb" in run:
        size = sum(len(text.encode()) for text in result["files"].values()) / 1e6
        if size > run["max_report_mb"]:
            short.append(f"wrote {size:.1f} MB, more than {run['max_report_mb']}")
    if "max_cpu_ratio" in run and result.get("before"):
        ratio = result["user_s"] / max(result["before"]["user_s"], 0.05)
        if ratio > run["max_cpu_ratio"]:
            short.append(f"used {ratio:.1f} times the CPU of the scan before ({result['user_s']:.1f} s), more than {run['max_cpu_ratio']}")
    if "max_requests" in run and len(lines_asked(result["log"])) > run["max_requests"]:
        short.append(f"sent {len(lines_asked(result['log']))} requests, more than {run['max_requests']}")
    if "signal" in run and result.get("stop_s") is None:
        short.append("ended before the signal")
    elif "signal" in run and result["stop_s"] > run["signal"].get("within", 3):
        short.append(f"stopped {result['stop_s']:.1f} s after the signal, more than {run['signal'].get('within', 3)}")
    for want in run.get("files", []):
        if want not in result["files"]:
            short.append(f"no {want}")
    for want in run.get("counts", []):
        count = sum(finding_fits(want, f) for f in findings)
        if count != want["count"]:
            short.append(f"{count} findings of {want['rule']}, not {want['count']}")
    if "sarif" in run:
        sarif = json.loads(result["files"].get("report.sarif") or result["stdout"] or "{}")
        one = (sarif.get("runs") or [{}])[0]
        seen = {"results": len(one.get("results", [])) if "results" in one else None, "successful": (one.get("invocations") or [{}])[0].get("executionSuccessful")}
        for key, value in run["sarif"].items():
            if seen[key] != value:
                short.append(f"SARIF says {key} {seen[key]}, not {value}")
    if run.get("no_hidden_characters"):
        for name, text in {**result["files"], "stdout": result["stdout"], "stderr": result["stderr"]}.items():
            raw = sorted({f"U+{ord(c):04X}" for c in HIDDEN.findall(text)})
            if raw:
                short.append(f"raw control characters in {name}: {' '.join(raw[:6])}")
    if run.get("then") and "then" in result:
        after = judge({k: v for k, v in run["then"].items() if k in ("exit", "says", "says_not", "nowhere")}, {"report": None, "files": {}, "log": "", **result["then"]})
        short += [f"{run['then']['args'][0]}: {text}" for text in after]
    return short


def wishes(run):
    return sum(len(run.get(k, [])) for k in ("expect", "surface", "problems", "untouched", "reached", "says"))


# ---- running ---------------------------------------------------------------------------------------------------------

def held_mb(pid):
    """What a process holds in memory now."""
    try:
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024
    except (OSError, TypeError):
        return 0


def execute(command, folder, env, run, limit):
    """Run the tool to its end; what it said, its exit code, and what it took (seconds, CPU seconds, megabytes)."""
    took = {"exit": None, "timed_out": False, "too_big": False, "stop_s": None, "rss_mb": 0}
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        began = time.time()
        tool = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=complained)
        signalled, end = None, began + limit
        while True:
            pid, status, usage = os.wait4(tool.pid, os.WNOHANG)
            if pid:
                break
            now = time.time()
            took["rss_mb"] = max(took["rss_mb"], held_mb(tool.pid))
            if now > end or took["rss_mb"] > 2 * run.get("max_rss_mb", 2000):
                took["too_big" if now <= end else "stuck" if signalled else "timed_out"] = True
                tool.kill()
                _, status, usage = os.wait4(tool.pid, 0)
                break
            if signalled is None and "signal" in run and now > began + run["signal"].get("after", 3):
                signalled = now
                tool.send_signal(getattr(signal, "SIG" + run["signal"].get("name", "INT")))
                end = min(end, now + run["signal"].get("within", 3) + 10)
            time.sleep(0.02)
        tool.returncode = took["exit"] = os.waitstatus_to_exitcode(status)
        took["wall_s"] = time.time() - began
        took["stop_s"] = signalled and time.time() - signalled
        took["cpu_s"] = usage.ru_utime + usage.ru_stime
        took["user_s"] = usage.ru_utime
        for name, file in (("stdout", said), ("stderr", complained)):
            file.seek(0)
            took[name] = file.read().decode(errors="replace")
    return took


def filled(text, values):
    for key, value in values.items():
        text = text.replace("{" + key + "}", str(value))
    return text


def attempt(case, run, binary, keep):
    ports = free_port(), free_port()
    values = {"url": f"http://127.0.0.1:{ports[0]}", "port": ports[0], "port2": ports[1], "out": "out"}
    work = pathlib.Path(tempfile.mkdtemp(prefix="keyspill-case-"))
    folder = work / case.name
    shutil.copytree(case, folder)
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in ("app.py", "case.yaml"):
            data = path.read_bytes()
            path.write_bytes(data.replace(b"@PORT@", str(ports[0]).encode()).replace(b"@PORT2@", str(ports[1]).encode()))
    extra = {k: filled(str(v), values) for k, v in (run.get("env") or {}).items()}
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")} | extra
    app_env = env | {"PORT": str(ports[0]), "PORT2": str(ports[1]), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(HERE)}
    app = None
    log = open(work / "app.log", "w+", errors="replace")
    result = {"report": None, "files": {}, "log": "", "stdout": "", "stderr": "", "exit": None, "timed_out": False}
    try:
        if run.get("prepare"):
            subprocess.run([sys.executable, run["prepare"], str(ports[0])], cwd=folder, env=app_env, check=True, timeout=60)
        if run.get("before"):
            first, seen = attempt(case, {**run["before"], "leave": folder / "before"}, binary, False)
            if seen["report"] is None:
                return [f"the scan before wrote no report: {first}"], result
            result["before"] = seen
        if run.get("app", True):
            app = subprocess.Popen([sys.executable, "app.py", str(ports[0])], cwd=folder, env=app_env, stdout=log, stderr=log, start_new_session=True)
            for _ in range(150):
                if listening(ports[0]):
                    break
                if app.poll() is not None:
                    log.flush(); log.seek(0)
                    return [f"the application does not start: {log.read()[-300:]}"], result
                time.sleep(0.1)
        args = [filled(str(a), values) for a in run["args"]]
        if args[0] == "scan":
            for option, value in (("--rate", "1000"), ("--settle", "1s"), ("--output", "out"), ("--format", "json")):
                if option not in args:
                    args += [option, value]
        elif args[0] == "crawl":
            for option, value in (("--rate", "1000"), ("--output", "out"), ("--format", "json")):
                if option not in args:
                    args += [option, value]
        result.update(execute([binary, *args], folder, env, run, run.get("limit", LIMIT)))
        out = folder / "out"
        if out.is_dir():
            for path in out.iterdir():
                result["files"][path.name] = path.read_text(errors="replace")
        elif out.is_file():
            result["files"]["report.json" if args[0] == "scan" else "crawl.json"] = out.read_text(errors="replace")
        if run.get("leave") and out.is_dir():
            shutil.copytree(out, run["leave"])
        if run.get("then"):
            result["then"] = execute([binary, *(filled(str(a), values) for a in run["then"]["args"])], folder, env, {}, LIMIT)
        for name in ("report.json", "crawl.json"):
            if name in result["files"]:
                result["report"] = json.loads(result["files"][name])
                break
    finally:
        if app is not None:
            try:
                os.kill(app.pid, signal.SIGTERM)
                app.wait(timeout=5)
            except subprocess.TimeoutExpired:
                os.kill(app.pid, signal.SIGKILL)
                app.wait()
            except ProcessLookupError:
                pass
        log.flush(); log.seek(0)
        result["log"] = log.read()
        log.close()
        if keep:
            (work / "stdout").write_text(result["stdout"])
            (work / "stderr").write_text(result["stderr"])
        else:
            shutil.rmtree(work, ignore_errors=True)
    short = judge(run, result)
    if keep:
        short = short and short + [f"kept in {work}"]
    return short, result


MEASURED = {"max_wall_s", "max_cpu_s", "max_cpu_ratio", "max_rss_mb", "signal"}


def still_open(file):
    """The runs of a list, each with the part of the plan that owns it."""
    if not file:
        return {}
    lines = (line.split("#")[0].split() for line in pathlib.Path(file).read_text().splitlines())
    return {line[0]: line[1] for line in lines if line}


def main():
    enter_venv()
    import yaml
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bin", default=os.environ.get("KEYSPILL"))
    options.add_argument("--dir", default=str(HERE), help="folder with the cases (default: this file's)")
    options.add_argument("--list", action="store_true")
    options.add_argument("--part", action="append", help="only the cases that this part of the plan owns; can be repeated")
    options.add_argument("--keep", action="store_true", help="keep the working folders")
    options.add_argument("--open", metavar="FILE", help="a list of runs that fall short still, a name and its part a line: they are left out")
    options.add_argument("--only-open", action="store_true", help="run what --open lists and nothing else; one that passes is a failure, since its line must go")
    options.add_argument("--again", action="store_true", help="run what falls short once more, alone, and say so")
    options.add_argument("--steady", action="store_true", help="leave out what depends on how fast this machine is: bounds of time, CPU and memory, signals")
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs side by side (default: as many as there are cores)")
    options.add_argument("names", nargs="*")
    args = options.parse_args()
    root = pathlib.Path(args.dir).resolve()
    known = still_open(args.open)
    left = set(known)
    todo = []
    for path in sorted(root.glob("*/case.yaml")):
        case = yaml.safe_load(path.read_text())
        if args.part and str(case.get("part")) not in args.part:
            continue
        for number, run in enumerate(case["runs"], 1):
            label = f"{path.parent.name}/{run.get('name', number)}"
            wanted = not args.names or any(fnmatch.fnmatchcase(label, n) or fnmatch.fnmatchcase(path.parent.name, n) for n in args.names)
            if label in known and known.pop(label) != str(case.get("part")):
                sys.exit(f"{args.open}: {label} is of part {case.get('part')}")
            if args.steady and MEASURED & run.keys():
                continue
            if wanted and (label in left) == args.only_open:
                todo.append((path.parent, label, case, run))
    if known and not args.part:
        sys.exit(f"{args.open}: no such run: {', '.join(sorted(known))}")
    if not todo:
        sys.exit(f"no case in {root} fits")
    if args.list:
        for _, label, case, run in todo:
            print(f"{label}  [part {case.get('part', '-')}: {case['kind']}]  {case['title']}")
        return
    binary = args.bin or next((str(p) for p in (pathlib.Path("target/release/keyspill"), pathlib.Path("target/debug/keyspill")) if p.exists()), None)
    if not binary or not pathlib.Path(binary).exists():
        sys.exit("no binary: build it, name it with --bin, or set KEYSPILL")
    binary = str(pathlib.Path(binary).resolve())
    failed, retry = [], []
    pool = concurrent.futures.ThreadPoolExecutor(args.jobs)
    try:
        jobs = [(pool.submit(attempt, folder, run, binary, args.keep), label, run) for folder, label, _, run in todo]
        for job, label, run in jobs:  # in the order of the list, however they end
            try:
                short, _ = job.result()
            except Exception as error:  # a broken case must not hide the others
                short = [f"the check itself failed: {error!r}"]
            if short and args.again and not args.only_open:
                retry.append(label)
                print(f"again       {label}: {'; '.join(short)}", flush=True)
                continue
            if args.only_open:
                short = [] if short else [f"passes now: take its line out of {args.open}"]
            if short:
                failed.append(label)
                of = f" [{len(short)} of {wishes(run)}]" if wishes(run) > 1 else ""
                print(f"FALLS SHORT {label}{of}: {'; '.join(short)}", flush=True)
            else:
                print(f"ok          {label}", flush=True)
    finally:  # interrupted: what runs is finished and stopped, what waits is dropped
        pool.shutdown(wait=True, cancel_futures=True)
    for folder, label, _, run in todo:
        if label in retry:
            short, _ = attempt(folder, run, binary, args.keep)
            if short:
                failed.append(label)
                print(f"FALLS SHORT {label}: {'; '.join(short)}", flush=True)
            else:
                print(f"ok          {label} (at the second time)", flush=True)
    print(f"{len(todo) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
