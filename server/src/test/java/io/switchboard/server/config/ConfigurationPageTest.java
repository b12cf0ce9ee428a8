package io.switchboard.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/configuration.md has, for every key, the row that the table of keys gives it. */
class ConfigurationPageTest {
    @Test
    void pageListsEveryKeyWithItsDefaultRangeAndSentence() throws IOException {
        List<String> rows = new ArrayList<>();
        for (Key<?> key : Keys.ALL) rows.add(row(key));
        for (Keys.ItemList list : Keys.LISTS) {
            for (Key<?> key : list.itemKeys()) rows.add(row(key));
        }
        List<String> page = Files.readAllLines(Path.of("..", "docs", "configuration.md"));

        assertThat(page.stream().filter(line -> line.startsWith("| `")).toList())
                .as("the rows of docs/configuration.md; they should be\n" + String.join("\n", rows) + "\n")
                .containsExactlyElementsOf(rows);
        for (Keys.ItemList list : Keys.LISTS) assertThat(page).contains(list.sentence());
    }

    @Test
    void examplesOnThePageAreAllowed(@TempDir Path folder) throws IOException {
        Matcher example = Pattern.compile("(?s)```yaml\n(.*?)```")
                .matcher(Files.readString(Path.of("..", "docs", "configuration.md")));
        int examples = 0;
        while (example.find()) {
            Path file = Files.writeString(folder.resolve("example.yaml"), example.group(1));
            assertThat(Configuration.load(Optional.of(file), Map.of(), Map.of()))
                    .as(example.group(1))
                    .isInstanceOf(Configuration.Loaded.Good.class);
            examples++;
        }
        assertThat(examples).isGreaterThan(1);
    }

    private static String row(Key<?> key) {
        String byDefault = key.byDefault().isEmpty() ? "" : "`" + key.byDefault() + "`";
        return "| `" + key.name() + "` | " + byDefault + " | " + key.range() + " | " + key.sentence() + " |";
    }
}
