/// A part of a chat template that is rendered.
indirect enum TemplateNode: Sendable {
    case text(String)
    case output(TemplateExpression, line: Int)
    case condition([(test: TemplateExpression, body: [TemplateNode])], otherwise: [TemplateNode], line: Int)
    case loop(TemplateLoop)
    case assign(TemplateTarget, TemplateExpression, line: Int)
    /// `{% set name %}body{% endset %}`, perhaps with filters.
    case assignBlock(TemplateTarget, [TemplateNode], filters: [TemplateFilterCall], line: Int)
    case macro(TemplateMacro)
    /// `{% call macro() %}body{% endcall %}`: the body is the macro's `caller`.
    case call(TemplateExpression, caller: TemplateMacro, line: Int)
    /// `{% filter name %}body{% endfilter %}`.
    case filtered([TemplateNode], filters: [TemplateFilterCall], line: Int)
    /// `{% with name = value %}body{% endwith %}`.
    case with([(name: String, value: TemplateExpression)], [TemplateNode])
    case breakLoop
    case continueLoop
}
