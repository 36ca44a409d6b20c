# SPDX-License-Identifier: Apache-2.0
"""The two that are compared. find(texts, entities) gives, for each text, [(entity, start, end)] in code points."""

import json
import pathlib
import subprocess
import tempfile
import time


class Dvara:
    """`dvara-policyc scan`, one file a text. An entity is the detector or group of its name in lower case."""
    name = "dvara"

    def __init__(self, program):
        self.program = program
        self.seconds = self.bytes = 0

    def members(self, group):
        ran = subprocess.run([self.program, "scan", "--list", "--detectors", group], capture_output=True, text=True,
                             check=False)
        return [line.split()[0] for line in ran.stdout.splitlines()]

    def scan(self, texts, detectors, threshold):
        """Findings a text, as (detector, start, end) in bytes; what was not scanned is an error."""
        with tempfile.TemporaryDirectory() as folder:
            for number, text in enumerate(texts):
                pathlib.Path(folder, f"{number:06}").write_bytes(text.encode())
            start = time.monotonic()
            ran = subprocess.run([self.program, "scan", "--exit-zero", "--jobs", "1", "--summary", "--threshold",
                                  threshold, "--detectors", detectors, folder], capture_output=True, text=True,
                                 check=False)
            wall = time.monotonic() - start
        if ran.returncode:
            raise RuntimeError(ran.stderr[-1000:])
        summary = ran.stderr.splitlines()[-1].split()
        self.seconds, self.bytes = float(summary[summary.index("in") + 1]), int(summary[2])
        found = [[] for _ in texts]
        for line in ran.stdout.splitlines():
            finding = json.loads(line)
            number = int(pathlib.Path(finding["file"]).name)
            found[number].append((finding["detector"], finding["start"], finding["end"]))
        self.wall = wall
        return found

    def find(self, texts, entities, threshold="50%"):
        groups = {entity: set() if len(entities) == 1 else set(self.members(entity.lower())) for entity in entities}
        found = self.scan(texts, ",".join(entity.lower() for entity in entities), threshold)
        result = []
        for text, findings in zip(texts, found):
            data = text.encode()
            result.append([(next((e for e, names in groups.items() if detector in names), entities[0]),
                            len(data[:start].decode()), len(data[:end].decode())) for detector, start, end in findings])
        return result


class Presidio:
    """Its pattern recognizers with a blank language model: tokens are their own lemmas, no names are guessed."""
    name = "presidio"

    def __init__(self):
        import spacy
        import tldextract
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

        # The list of top-level domains that the package carries, not the network's.
        tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

        class Blank(NlpEngine):
            def __init__(self):
                self.model = spacy.blank("en")
                self.model.max_length = 10**8

            def load(self):
                pass

            def is_loaded(self):
                return True

            def process_text(self, text, language):
                doc = self.model(text)
                return NlpArtifacts(entities=[], tokens=doc, tokens_indices=[t.idx for t in doc],
                                    lemmas=[t.lower_ for t in doc], nlp_engine=self, language=language)

            def process_batch(self, texts, language, **_):
                for text in texts:
                    yield text, self.process_text(text, language)

            def is_stopword(self, word, language):
                return self.model.vocab[word].is_stop

            def is_punct(self, word, language):
                return self.model.vocab[word].is_punct

            def get_supported_entities(self):
                return []

            def get_supported_languages(self):
                return ["en"]

        registry = RecognizerRegistry(supported_languages=["en"])
        registry.load_predefined_recognizers(languages=["en"])
        registry.recognizers = [r for r in registry.recognizers if "spacy" not in r.name.lower()]
        self.engine = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])
        self.known = set(self.engine.get_supported_entities("en"))
        self.by_entity = self.recognizers()
        self.seconds = self.bytes = 0

    @staticmethod
    def recognizers():
        """entity -> all recognizers of it that need no model; those too that no language has switched on."""
        import inspect

        from presidio_analyzer import EntityRecognizer, LocalRecognizer, predefined_recognizers
        models = ("Spacy", "Stanza", "Transformers", "GLiNER", "HuggingFace", "MedicalNER", "Azure", "LangExtract")
        found = {}
        for name, kind in sorted(vars(predefined_recognizers).items()):
            if (inspect.isclass(kind) and issubclass(kind, (EntityRecognizer, LocalRecognizer))
                    and not inspect.isabstract(kind) and not any(model in name for model in models)):
                recognizer = kind()
                for entity in recognizer.supported_entities:
                    found.setdefault(entity, []).append(recognizer)
        return found

    def find(self, texts, entities, threshold=0.3):
        """One entity is asked of its own recognizers, as Presidio's tests do; several of the whole engine."""
        asked = [entity for entity in entities if entity in self.known]

        def analyze(text):
            if len(entities) == 1:
                found = [hit for recognizer in self.by_entity.get(entities[0], [])
                         for hit in recognizer.analyze(text, entities, None) or []]
                return [hit for hit in found if hit.score >= threshold]
            return self.engine.analyze(text, "en", entities=asked or None, score_threshold=threshold)
        start, result = time.monotonic(), []
        for text in texts:
            found = analyze(text)
            result.append([(f.entity_type, f.start, f.end) for f in found])
        self.seconds, self.bytes = time.monotonic() - start, sum(len(text.encode()) for text in texts)
        return result
