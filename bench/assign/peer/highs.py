"""HiGHS (through SciPy) on a table of bids: the largest minimum, or the lottery.

  highs.py fair   FILE SECONDS   mixed-integer program, stopped after SECONDS
  highs.py random FILE Q         linear program with probabilities up to Q

FILE is "papers reviewers", then one line of bids for each paper; a negative bid
is a conflict. Three reviews a paper, at most ceil(3P/R)+1 a reviewer. Prints one
line of JSON; seconds run from the parsed arrays to the answer.
"""
import json
import math
import sys
import time

import numpy as np
import scipy
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

what, name, arg = sys.argv[1], sys.argv[2], float(sys.argv[3])
with open(name) as f:
    papers, reviewers = map(int, f.readline().split())
    bids = np.array([list(map(float, f.readline().split())) for _ in range(papers)])
load = math.ceil(3 * papers / reviewers) + 1

began = time.perf_counter()
p, r = np.nonzero(bids >= 0)
score = bids[p, r]
n = len(p)
each = sparse.csr_matrix((np.ones(n), (p, np.arange(n))), shape=(papers, n))
most = sparse.csr_matrix((np.ones(n), (r, np.arange(n))), shape=(reviewers, n))
if what == "fair":
    sums = sparse.csr_matrix((score, (p, np.arange(n))), shape=(papers, n))
    rows = sparse.vstack([
        sparse.hstack([each, sparse.csr_matrix((papers, 1))]),
        sparse.hstack([most, sparse.csr_matrix((reviewers, 1))]),
        sparse.hstack([sums, -np.ones((papers, 1))]),
    ], format="csc")
    low = np.concatenate([np.full(papers, 3), np.zeros(reviewers), np.zeros(papers)])
    high = np.concatenate([np.full(papers, 3), np.full(reviewers, load), np.full(papers, np.inf)])
    cost = np.zeros(n + 1)
    cost[n] = -1
    res = milp(cost, constraints=LinearConstraint(rows, low, high), integrality=np.append(np.ones(n), 0),
               bounds=Bounds(np.zeros(n + 1), np.append(np.ones(n), np.inf)), options={"time_limit": arg})
    value = None if res.x is None else float((sums @ np.round(res.x[:n])).min())
    bound = None if res.mip_dual_bound is None else -float(res.mip_dual_bound)
else:
    res = linprog(-score, A_ub=most, b_ub=np.full(reviewers, load), A_eq=each, b_eq=np.full(papers, 3), bounds=(0, arg), method="highs")
    value, bound = -float(res.fun), None
print(json.dumps({"value": value, "bound": bound, "seconds": round(time.perf_counter() - began, 5), "status": res.message, "scipy": scipy.__version__}))
