package io.switchboard.core.channel;

import java.util.List;

/**
 * Which policy a channel has: that of the first rule whose pattern matches its name, else the default.
 *
 * @param rules in order of precedence
 * @param otherwise for names that no rule matches
 */
public record Policies(List<Rule> rules, ChannelPolicy otherwise) {
    public static final Policies DEFAULT = new Policies(List.of(), ChannelPolicy.DEFAULT);

    public Policies {
        rules = List.copyOf(rules);
    }

    /** One line of the configuration: these channels, this policy. */
    public record Rule(ChannelPattern pattern, ChannelPolicy policy) {}

    public ChannelPolicy of(ChannelName name) {
        for (Rule rule : rules) {
            if (rule.pattern().matches(name)) return rule.policy();
        }
        return otherwise;
    }
}
