"""HiGHS, as python3-scipy brings it, on the first instance of an OR-Library file:
prints value, whether it is proven, and the seconds of the solve, by the clock and of processor, as JSON."""
import json
import sys
import time

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

numbers = iter(open(sys.argv[1]).read().split())
take = lambda n: np.array([float(next(numbers)) for _ in range(n)])
next(numbers)
items, rows, _ = (int(next(numbers)) for _ in range(3))
value = take(items)
cost = np.array([take(items) for _ in range(rows)])
limit = take(rows)
began, work = time.time(), time.process_time()
r = milp(-value, constraints=LinearConstraint(cost, -np.inf, limit), integrality=np.ones(items), bounds=Bounds(0, 1),
         options={"time_limit": float(sys.argv[2]), "mip_rel_gap": 0})
found = 0 if r.x is None else int(round(value @ np.round(r.x)))
print(json.dumps({"value": found, "optimal": r.status == 0, "seconds": time.time() - began, "processor": time.process_time() - work}))
