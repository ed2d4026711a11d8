// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "app/report/html.h"
#include "app/report/svg.h"

namespace tenbin {
namespace {

constexpr std::size_t kTableRows = 300;

std::string confusion(const Json& table) {
  const auto& counts = table["counts"].items();
  const auto& classes = table["classes"].items();
  const std::size_t shown = std::min<std::size_t>({counts.size(), classes.size(), 40});
  std::string out =
      "<figure role='group' aria-label='Confusion matrix: rows are actual classes, columns "
      "predicted ones'><div class='wide'><table class='matrix'><thead><tr><th>actual \\ "
      "predicted</th>";
  for (std::size_t i = 0; i < shown; ++i) out += "<th>" + escaped(text_of(classes[i])) + "</th>";
  out += "<th>recall</th></tr></thead><tbody>";
  for (std::size_t i = 0; i < shown; ++i) {
    double all = 0;
    for (const Json& n : counts[i].items()) all += n.as_number();
    out += "<tr><th>" + escaped(text_of(classes[i])) + "</th>";
    for (std::size_t j = 0; j < shown && j < counts[i].items().size(); ++j) {
      const double n = counts[i].items()[j].as_number();
      // The root lets rare confusions show.
      const double share = all > 0 ? std::sqrt(n / all) * 0.6 : 0;
      out += "<td class='n" + std::string(i == j ? " own" : "") + "' style='background:rgba(" +
             (i == j ? "0,114,178," : "213,94,0,") + fixed_text(share, 2) + ")'>" +
             full_count(counts[i].items()[j].as_integer()) + "</td>";
    }
    const double hit = i < counts[i].items().size() ? counts[i].items()[i].as_number() : 0;
    out += "<td class='n'>" + (all > 0 ? fixed_text(100 * hit / all, 1) + "%" : "unknown") +
           "</td></tr>";
  }
  out +=
      "</tbody></table></div><figcaption>Confusion matrix of the test rows: rows are actual "
      "classes, columns predicted ones.";
  if (shown < classes.size()) {
    out += " The first " + std::to_string(shown) + " of " + std::to_string(classes.size()) +
           " classes.";
  }
  HtmlRow head = {"actual \\ predicted"};
  for (const Json& name : classes) head.push_back(text_of(name));
  std::vector<HtmlRow> lines = {head};
  for (std::size_t i = 0; i < counts.size() && i < classes.size(); ++i) {
    HtmlRow line = {text_of(classes[i])};
    for (const Json& n : counts[i].items()) line.push_back(std::to_string(n.as_integer()));
    lines.push_back(std::move(line));
  }
  return out + "</figcaption>" + html_save_csv("Confusion matrix", std::move(lines)) + "</figure>";
}

std::string roc(const Json& fit) {
  const Json& curve = fit["roc"];
  if (curve.is_null()) return {};
  Series line{"ROC", {}, true, false};
  std::vector<HtmlRow> rows;
  for (const Json& p : curve["points"].items()) {
    line.points.push_back({p["fpr"].as_number(), p["tpr"].as_number()});
    if (rows.size() < kTableRows) {
      rows.push_back({fixed_text(p["fpr"].as_number(), 4), fixed_text(p["tpr"].as_number(), 4)});
    }
  }
  std::string area;
  for (const Json& s : fit["scores"].items()) {
    if (s["name"].as_string() == "auroc") area = ", area " + score_of(s);
  }
  const std::string caption = "ROC curve of class '" + text_of(curve["positive"]) + "'" + area;
  Axes axes{caption, "false positive rate", "true positive rate"};
  axes.diagonal = true;
  return html_figure(line_chart(axes, {line}), caption,
                     {{"false positive rate", "true positive rate"}, rows, 0});
}

std::string calibration(const Json& fit) {
  if (fit["calibration"].items().empty()) return {};
  std::vector<Dot> dots;
  std::vector<Point> line;
  std::vector<HtmlRow> rows;
  for (const Json& bin : fit["calibration"].items()) {
    const double predicted = bin["predicted"].as_number(), observed = bin["observed"].as_number();
    line.push_back({predicted, observed});
    dots.push_back({line.back(), "", bin["lo"].as_number(), bin["hi"].as_number(), true});
    rows.push_back(
        {fixed_text(predicted, 3), fixed_text(observed, 3),
         fixed_text(bin["lo"].as_number(), 3) + " to " + fixed_text(bin["hi"].as_number(), 3),
         text_of(bin["rows"])});
  }
  Axes axes{"Calibration: observed share against predicted probability", "predicted probability",
            "observed share"};
  axes.diagonal = true;
  return html_figure(dot_chart(axes, dots, line),
                     "Calibration: how often the class came true, against the probability that was "
                     "predicted, with 95% intervals. On the diagonal, probabilities are honest.",
                     {{"predicted", "observed", "95% interval", "rows"}, rows, 0});
}

std::string residuals(const Json& fit) {
  std::vector<Dot> predictions, errors;
  std::vector<HtmlRow> rows;
  for (const Json& r : fit["residuals"].items()) {
    const double target = r["target"].as_number(), predicted = r["predicted"].as_number();
    predictions.push_back({{target, predicted}, "", 0, 0, false, false});
    errors.push_back({{predicted, target - predicted}, "", 0, 0, false, false});
    if (rows.size() < kTableRows) {
      rows.push_back({to_text(target, 4), to_text(predicted, 4), to_text(target - predicted, 4)});
    }
  }
  Axes axes{"Prediction against target on the test rows", "target", "prediction"};
  axes.diagonal = true;
  const HtmlTable numbers{{"target", "predicted", "residual"}, rows, 0};
  return html_figure(dot_chart(axes, predictions),
                     "Prediction against target on the test rows; on the diagonal they are equal.",
                     numbers) +
         html_figure(dot_chart({"Residual against prediction", "prediction", "target - prediction"},
                               errors),
                     "Residuals: what the model misses, against what it predicts.", numbers);
}

}  // namespace

std::string report_learning(const Json& fit) {
  Series train{"training loss", {}}, valid{"validation loss", {}}, score{"validation score", {}};
  std::vector<HtmlRow> rows;
  const auto& curve = fit["training"]["curve"].items();
  const std::size_t every = curve.size() / kTableRows + 1;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const Json& p = curve[i];
    const double epoch = p["epoch"].as_number();
    train.points.push_back({epoch, p["train_loss"].as_number()});
    if (p["valid_loss"].is_number()) valid.points.push_back({epoch, p["valid_loss"].as_number()});
    if (p["valid_score"].is_number()) score.points.push_back({epoch, p["valid_score"].as_number()});
    if (i % every != 0 && i + 1 != curve.size()) continue;
    rows.push_back({text_of(p["epoch"]), text_of(p["train_loss"]), text_of(p["valid_loss"]),
                    text_of(p["valid_score"]), text_of(p["joules"])});
  }
  const Json& t = fit["training"];
  const HtmlTable numbers{
      {"epoch", "training loss", "validation loss", "validation score", "joules so far"}, rows, 0};
  std::string out = html_paragraph("Stopped: " + text_of(t["stop"]) + " after " +
                                   text_of(t["epochs"]) + " epochs, best at epoch " +
                                   text_of(t["best_epoch"]) + ". " + text_of(t["stop_detail"]));
  out += html_figure(
      line_chart({"Loss by epoch, training and validation", "epoch", "loss"}, {train, valid}),
      "Learning curves: loss on training and validation rows by epoch.", numbers);
  if (score.points.empty()) return out;
  return out + html_figure(line_chart({"Validation score by epoch", "epoch", "score"}, {score}),
                           "Validation score by epoch.", numbers);
}

std::string report_answers(const Json& fit) {
  if (fit["confusion"].is_null()) return residuals(fit);
  return confusion(fit["confusion"]) + roc(fit) + calibration(fit);
}

std::string report_latency(const Json& fit) {
  const Json& one = fit["latency"]["batch_1"];
  std::vector<double> edges, counts;
  std::vector<HtmlRow> rows, ladder;
  for (const Json& bin : one["histogram"].items()) {
    const double from = bin["from"].as_number();
    while (!edges.empty() && edges.back() < from * 0.99) {  // stretches without samples
      edges.push_back(edges.back() * std::pow(10.0, 0.125));
      counts.push_back(0);
    }
    if (edges.empty()) edges.push_back(from);
    edges.push_back(bin["to"].as_number());
    counts.push_back(bin["count"].as_number());
    rows.push_back(
        {to_text(seconds(from)), to_text(seconds(bin["to"].as_number())), text_of(bin["count"])});
  }
  std::vector<std::string> names, labels;
  std::vector<double> values;
  for (const Json& q : one["quantiles"].items()) {
    names.push_back("p" + to_text(100 * q["q"].as_number(), 4));
    values.push_back(q["seconds"].as_number());
    labels.push_back(to_text(seconds(values.back())));
    ladder.push_back({names.back(), labels.back()});
  }
  Axes axes{"Latency of one prediction, " + text_of(one["samples"]) + " samples",
            "latency, logarithmic", "samples"};
  axes.log_x = true;
  std::string out = html_paragraph(text_of(fit["latency"]["method"]));
  if (one["preempted"].as_integer() > 0) {
    out += html_paragraph(text_of(one["preempted"]) +
                          " further requests were interrupted by other programs and are kept "
                          "apart; p99 with them: " +
                          time_of(one["p99_with_preempted"], {}));
  }
  return out +
         html_figure(histogram_chart(axes, edges, counts),
                     "Latency of one prediction at batch 1, " + text_of(one["samples"]) +
                         " samples on a logarithmic axis.",
                     {{"from", "to", "samples"}, rows, 0}) +
         html_figure(ladder_chart(
                         {"Quantiles of the latency of one prediction", "latency, logarithmic", ""},
                         names, values, labels),
                     "Ladder of quantiles: so many of 100 requests are answered within.",
                     {{"quantile", "latency"}, ladder, 1});
}

}  // namespace tenbin
