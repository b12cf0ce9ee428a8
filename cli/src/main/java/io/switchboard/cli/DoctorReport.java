package io.switchboard.cli;

import io.switchboard.cli.doctor.Finding;
import io.switchboard.cli.doctor.Level;
import io.switchboard.cli.doctor.Proxy;
import io.switchboard.cli.doctor.Remedy;
import io.switchboard.cli.doctor.Target;
import io.switchboard.client.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** All that {@code doctor} found, for machines. One thread. */
final class DoctorReport {
    private final Target target;
    private final List<Finding> findings = new ArrayList<>(); // a few for each step

    DoctorReport(Target target) {
        this.target = target;
    }

    void add(Finding finding) {
        findings.add(finding);
    }

    List<Finding> findings() {
        return findings;
    }

    long count(Level level) {
        return findings.stream().filter(finding -> finding.level() == level).count();
    }

    /** One object, of which docs/doctor.md tells the members. */
    String json(int exitCode) {
        StringBuilder json = new StringBuilder("{\"url\":").append(Json.quote(target.url()));
        json.append(",\"exit\":").append(exitCode).append(",\"findings\":[");
        for (int i = 0; i < findings.size(); i++) {
            if (i > 0) json.append(',');
            append(json, findings.get(i));
        }
        return json.append("]}").toString();
    }

    private static void append(StringBuilder json, Finding finding) {
        json.append("{\"step\":").append(Json.quote(finding.step().toString()));
        json.append(",\"level\":").append(Json.quote(finding.level().toString()));
        json.append(",\"code\":").append(Json.quote(finding.code()));
        json.append(",\"sentence\":").append(Json.quote(finding.sentence()));
        finding.remedy().ifPresent(remedy -> json.append(",\"change\":")
                .append(Arrays.stream(Proxy.values())
                        .map(proxy -> change(proxy, remedy))
                        .collect(Collectors.joining(",", "{", "}"))));
        json.append('}');
    }

    private static String change(Proxy proxy, Remedy remedy) {
        return Json.quote(proxy.name().toLowerCase(Locale.ROOT)) + ":" + Json.quote(remedy.in(proxy));
    }
}
