from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
PATIENCE_S = 30

# A Plume whose two workers never come back from C code, which holds the interpreter's lock.
BATCH = """
import time
import fake_work
from plume_app.jobs.pool import Pool

def main():
    pool = Pool(2, perform=fake_work.perform)
    told = [pool.submit(fake_work.job(n, "sleep 0.1")) for n in (0, 1)]
    pids = {future.result(30).facts["pid"] for future in told}
    for number in range(2, 8):
        pool.submit(fake_work.job(number, WORK, size=1_000_000))
    time.sleep(0.3)
    print(*pids, flush=True)
    time.sleep(60)

if __name__ == "__main__":
    main()
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # dead, and its new parent has not looked yet


def group(leader: int) -> set[int]:
    """Every process of the group: fork server and resource tracker too."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == leader and fields[0] != "Z":
                found.add(int(entry.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize("work", ["spin", "sleep 60"])
def test_t48_no_process_outlives_a_killed_plume(tmp_path: Path, work: str) -> None:
    script = tmp_path / "batch.py"
    script.write_text(BATCH.replace("WORK", repr(work)), encoding="utf-8")
    paths = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    plume = subprocess.Popen(
        [sys.executable, str(script)],
        env=os.environ | {"PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with plume:
        assert plume.stdout is not None
        workers = [int(pid) for pid in plume.stdout.readline().split()]
        assert len(workers) == 2
        assert all(alive(pid) for pid in workers)

        plume.send_signal(signal.SIGKILL)
        plume.wait(PATIENCE_S)

        deadline = time.monotonic() + PATIENCE_S
        while (left := group(plume.pid)) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not left
