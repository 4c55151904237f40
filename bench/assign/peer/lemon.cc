// Times LEMON's minimum cost flow: lemon cs|ns FILE, with "P R E demand cap" and
// then E lines "proposal reviewer cost". Seconds run from the parsed arrays, graph
// building included, to the total cost.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#include <lemon/cost_scaling.h>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>
#include <sys/resource.h>

using namespace lemon;
using Graph = SmartDigraph;

struct Pair {
  int proposal, reviewer;
  long long cost;
};

static long long number() {
  int c = getchar();
  while (c <= ' ') c = getchar();
  long long x = 0;
  for (; c > ' '; c = getchar()) x = x * 10 + (c - '0');
  return x;
}

template <class Solver>
static long long solve(const Graph& g, const Graph::ArcMap<int>& upper, const Graph::ArcMap<long long>& cost, const Graph::NodeMap<int>& supply) {
  Solver s(g);
  s.upperMap(upper).costMap(cost).supplyMap(supply);
  if (s.run() != Solver::OPTIMAL) return -1;
  return s.template totalCost<long long>();
}

int main(int argc, char** argv) {
  if (argc != 3 || !freopen(argv[2], "r", stdin)) return 2;
  int proposals = number(), reviewers = number(), count = number(), demand = number(), cap = number();
  std::vector<Pair> pairs(count);
  for (auto& p : pairs) {
    p.proposal = number();
    p.reviewer = number();
    p.cost = number();
  }
  auto began = std::chrono::steady_clock::now();
  Graph g;
  g.reserveNode(proposals + reviewers + 1);
  g.reserveArc(count + reviewers);
  for (int i = 0; i < proposals + reviewers + 1; i++) g.addNode();
  Graph::ArcMap<int> upper(g);
  Graph::ArcMap<long long> cost(g);
  Graph::NodeMap<int> supply(g, 0);
  auto sink = g.nodeFromId(proposals + reviewers);
  for (auto& p : pairs) {
    auto a = g.addArc(g.nodeFromId(p.proposal), g.nodeFromId(proposals + p.reviewer));
    upper[a] = 1;
    cost[a] = p.cost;
  }
  for (int r = 0; r < reviewers; r++) {
    auto a = g.addArc(g.nodeFromId(proposals + r), sink);
    upper[a] = cap;
    cost[a] = 0;
  }
  for (int p = 0; p < proposals; p++) supply[g.nodeFromId(p)] = demand;
  supply[sink] = -proposals * demand;
  long long total = strcmp(argv[1], "cs") == 0 ? solve<CostScaling<Graph, int, long long>>(g, upper, cost, supply)
                                                : solve<NetworkSimplex<Graph, int, long long>>(g, upper, cost, supply);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  rusage use;
  getrusage(RUSAGE_SELF, &use);
  printf("{\"cost\":%lld,\"seconds\":%.3f,\"peak_bytes\":%ld}\n", total, seconds, use.ru_maxrss * 1024L);
  return total < 0;
}
