"""Forms: form-js schemas enforced on the server. See README.md."""

from service.forms.form import Form, read_form
from service.forms.problems import FormFinding, FormProblem, FormRefused, Submission

__all__ = ["Form", "FormFinding", "FormProblem", "FormRefused", "Submission", "read_form"]
